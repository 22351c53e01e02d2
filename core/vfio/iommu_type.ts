/**
 * What a container (`/dev/vfio/vfio`) is asked for before a device of a group can be opened.
 *
 * @module
 */

/** The answer to GET_API_VERSION; with any other the structures are not the ones of this folder. */
export const VFIO_API_VERSION = 0;

/** The kinds of IOMMU that CHECK_EXTENSION and SET_IOMMU take, by kernel name without `_IOMMU`. */
export const IOMMU_TYPE = {
  TYPE1: 1,
  /** TYPE1 whose unmapping cannot split a mapping. Also takes devices that have no IOMMU of their own (mdevs). */
  TYPE1v2: 3,
  /** No IOMMU at all: for a group named `noiommu-N`, with DMA that nothing holds back. */
  NOIOMMU: 8,
} as const;
