/**
 * Rewrites a log of QEMU 10.0 as 8.1 would have written it: sizes in hexadecimal, one event for a state that was reached, no
 * switchover bandwidth, no checkpoints of the downtime, and exact totals that count initial and dirty bytes twice.
 */
export function as81(text: string): string {
  let more = 0;
  return text.split("\n").flatMap((line) => {
    if (/vmstate_downtime_|:vfio_migration_set_state /.test(line)) return [];
    if (line.includes(":vfio_migration_set_device_state ")) {
      return [line.replace("vfio_migration_set_device_state", "vfio_migration_set_state")];
    }
    if (line.includes(":migrate_transferred ")) return [line.replace(/ switchover_bw \d+/, "")];
    if (line.includes(":vfio_state_pending_exact ")) {
      const [initial = 0, dirty = 0] = ["initial size", "dirty size"].map((label) =>
        Number(line.slice(line.indexOf(label) + label.length).split(" ")[1])
      );
      more = initial + dirty;
      return [inHex(line.replace(/precopy (\d+)/, (_, sum) => `precopy ${Number(sum) + more}`))];
    }
    if (line.includes(":migrate_pending_exact ")) {
      return [
        line.replaceAll(
          /(size|pre =) (\d+)/g,
          (_, label, size) => `${label} ${Number(size) + more}`,
        ),
      ];
    }
    return [/:vfio_(state_pending|save_iterate)/.test(line) ? inHex(line) : line];
  }).join("\n");
}

function inHex(line: string): string {
  return line.replaceAll(
    /((?:precopy|postcopy|size)) (\d+)/g,
    (_, label, size) => `${label} 0x${Number(size).toString(16)}`,
  );
}
