/** A device's name in the stream (facts: "<device path>/vfio"). */
export function deviceIdstr(id: string): string {
  return `${id}/vfio`;
}
