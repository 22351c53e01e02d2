import { assertEquals } from "@std/assert";
import { io, VFIO_IOCTL } from "./ioctl.ts";

Deno.test("io() puts the character above the number", () => {
  assertEquals(io(";", 0), 0x3b00);
  assertEquals(io(";", 255), 0x3bff);
  assertEquals(io("v", 1), 0x7601);
});

Deno.test("ioctls have the numbers of the kernel's header", () => {
  assertEquals(VFIO_IOCTL, {
    GET_API_VERSION: 0x3b64,
    CHECK_EXTENSION: 0x3b65,
    SET_IOMMU: 0x3b66,
    GROUP_GET_STATUS: 0x3b67,
    GROUP_SET_CONTAINER: 0x3b68,
    GROUP_GET_DEVICE_FD: 0x3b6a,
    DEVICE_GET_INFO: 0x3b6b,
    DEVICE_RESET: 0x3b6f,
    DEVICE_FEATURE: 0x3b75,
    DEVICE_BIND_IOMMUFD: 0x3b76,
    MIG_GET_PRECOPY_INFO: 0x3b79,
  });
});
