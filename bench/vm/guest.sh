#!/bin/sh
# The guest after init.c: what is left to set up, then the command, then power off.
#
# /run/vm is the run's folder on the host. It gives environment.sh, command.sh and devices.sh; it gets
# `exit_code`, written last, whose absence says that the guest did not come to its end.
set -u

. /run/vm/settings.sh # VM_RESULTS, VM_DENO

poweroff() {
  sync
  echo o >/proc/sysrq-trigger
  # Nothing can be started any more, its file is on a device that is being shut down; and this process must not end.
  while :; do read -r _; done <>/run/forever
}

# Ports of the virtio console by name: there is no udev here.
port() {
  for name in /sys/class/virtio-ports/*/name; do
    if [ "$(cat "$name")" = "$1" ]; then
      basename "$(dirname "$name")"
      return
    fi
  done
}

mkdir -p /dev/shm /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t devpts devpts /dev/pts
ln -sfn /proc/self/fd /dev/fd
ln -sfn /proc/self/fd/0 /dev/stdin
ln -sfn /proc/self/fd/1 /dev/stdout
ln -sfn /proc/self/fd/2 /dev/stderr
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none results "$VM_RESULTS"
mount -t debugfs debugfs /sys/kernel/debug
ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null

for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do
  [ "$(cat "$cpu")" = 1 ] || echo 1 >"$cpu"
done

# Two mtty devices, always under the same UUIDs.
for uuid in $VM_MTTY_UUIDS; do
  echo "$uuid" >/sys/devices/virtual/mtty/mtty/mdev_supported_types/mtty-2/create
done

mkdir -p /run/vm-bin
ln -s "$VM_DENO" /run/vm-bin/deno
mkfifo /run/stdout /run/stderr /run/forever
cat /run/stdout >"/dev/$(port stdout)" &
out=$!
cat /run/stderr >"/dev/$(port stderr)" &
err=$!

echo "up $(cut -d' ' -f1 /proc/uptime)" >/run/vm/up
sh /run/vm/command.sh </dev/null >/run/stdout 2>/run/stderr
code=$?

# What it left running may hold the pipes open: they have five seconds to end.
(sleep 5 && kill $out $err) 2>/dev/null &
wait $out $err 2>/dev/null
echo $code >/run/vm/exit_code
poweroff
