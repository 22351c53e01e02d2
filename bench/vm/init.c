// SPDX-License-Identifier: MIT
/*
 * The guest's first process: everything that must happen before there is a shell.
 *
 *   /modules/order   what to load, one a line: FILE [PARAMETERS]
 *   9p "root"        the host's /, read-only            -> /lower
 *   tmpfs            what the guest writes              -> /upper
 *   overlay          the one above the other            -> /root
 *   9p "run"         the folder of this run on the host -> /root/run/vm
 *
 * Then /root becomes / and /run/vm/guest.sh takes over. What fails is said on the console, and the
 * guest powers off: the host sees that no exit code was left.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define P9_ROOT "trans=virtio,version=9p2000.L,msize=524288,cache=loose"
#define P9_RUN "trans=virtio,version=9p2000.L,msize=524288,cache=none"

static void die(const char *what, const char *name)
{
	printf("init: cannot %s %s: %s\n", what, name, strerror(errno));
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	pause();
}

static void attach(const char *source, const char *target, const char *type, unsigned long flags,
		   const char *data)
{
	mkdir(target, 0755);
	if (mount(source, target, type, flags, data))
		die("mount", target);
}

static void load(const char *file, const char *parameters)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("open", file);
	if (syscall(SYS_finit_module, fd, parameters, 0))
		die("load", file);
	close(fd);
}

static void load_all(void)
{
	char line[4096];
	FILE *order = fopen("/modules/order", "re");

	if (!order)
		die("open", "/modules/order");
	while (fgets(line, sizeof(line), order)) {
		char *parameters;

		line[strcspn(line, "\n")] = 0;
		parameters = strchr(line, ' ');
		if (parameters)
			*parameters++ = 0;
		load(line, parameters ? parameters : "");
	}
	fclose(order);
}

int main(void)
{
	/* The kernel starts us without them when there is no /dev/console in the archive. */
	mkdir("/dev", 0755);
	if (mount("dev", "/dev", "devtmpfs", 0, NULL))
		die("mount", "/dev");
	int console = open("/dev/console", O_RDWR);
	if (console >= 0) {
		dup2(console, 0);
		dup2(console, 1);
		dup2(console, 2);
		if (console > 2)
			close(console);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);

	load_all();
	attach("root", "/lower", "9p", MS_RDONLY, P9_ROOT);
	attach("upper", "/upper", "tmpfs", 0, "mode=755,size=75%");
	mkdir("/upper/data", 0755);
	mkdir("/upper/work", 0755);
	attach("root", "/root", "overlay", 0, "lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work");
	attach("proc", "/root/proc", "proc", 0, NULL);
	attach("sysfs", "/root/sys", "sysfs", 0, NULL);
	mkdir("/root/run", 0755);
	attach("run", "/root/run/vm", "9p", 0, P9_RUN);
	mkdir("/root/dev", 0755);
	if (mount("/dev", "/root/dev", NULL, MS_MOVE, NULL))
		die("move", "/dev");
	if (chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		die("change", "the root");
	execl("/bin/sh", "sh", "/run/vm/guest.sh", (char *)NULL);
	die("start", "/bin/sh");
}
