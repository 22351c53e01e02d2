// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interval tree's span iterator, which a kernel without IOMMUFD leaves out of lib/interval_tree.c.
 * The rest of that file is in the kernel's image and exported there; exported twice, it would not load.
 */
#include <linux/export.h>

#undef EXPORT_SYMBOL_GPL
#define EXPORT_SYMBOL_GPL(symbol)

#include "../../../lib/interval_tree.c"
