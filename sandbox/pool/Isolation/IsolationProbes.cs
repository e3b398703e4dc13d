namespace ToolRuntime.Sandbox.Isolation;

/// <summary>What is tried inside of one sandbox, by a user of it and by its root.</summary>
internal static class IsolationProbes
{
    /// <summary>All.</summary>
    public static IReadOnlyList<IsolationProbe> All { get; } =
    [
        new("files of the host", """
            [ -e "@PATH@" ] && echo "BREACH the host's file @PATH@ is there"
            for f in /proc/1/root@PATH@ /proc/self/root@PATH@ /proc/1/cwd@PATH@ /../..@PATH@; do [ -r "$f" ] && echo "BREACH $f can be read"; done
            grep -rlsI "@CANARY@" /tmp /home /root /var/tmp /run /dev/shm /mnt /media /srv /opt 2>/dev/null | sed 's/^/BREACH the secret stands in /'
            """),
        new("processes of the host", """
            for p in /proc/[0-9]*; do
              n=$(tr '\0' ' ' < $p/cmdline 2>/dev/null)
              case "$n" in *BREACH*) continue;; *nats-server*|*dotnet*toolrt*|*dockerd*|*containerd*|*runsc-sandbox*) echo "BREACH process ${p#/proc/} of the host is seen: $n";; esac
            done
            [ "$(ls -d /proc/[0-9]* | wc -l)" -gt 200 ] && echo "BREACH more processes than a sandbox has"
            true
            """),
        new("environment and secrets of the host", """
            cat /proc/[0-9]*/environ 2>/dev/null | tr '\0' '\n' | grep -F "@CANARY@" | sed 's/^/BREACH /'
            env | grep -E '^(TOOLRT_|NATS_|DOTNET_CLI|SSH_|AWS_|E2B_API)' | cut -d= -f1 | sed 's/^/BREACH variable of the host: /'
            true
            """),
        new("devices", """
            # Not /dev/fuse and /dev/net/tun: gVisor has its own of these, which lead to its own kernel.
            for d in /dev/kvm /dev/mem /dev/kmem /dev/port /dev/sda /dev/vda /dev/nvme0 /dev/loop-control /dev/dri /dev/nvidia0 /dev/vsock; do
              [ -e $d ] && ( : < $d ) 2>/dev/null && echo "BREACH $d can be opened"
            done
            # gVisor lets anybody make a node, which leads to no device of the host.
            for node in "b 8 0" "b 254 0" "c 1 1" "c 10 232"; do
              mknod /tmp/isolation-device $node 2>/dev/null && head -c 1 /tmp/isolation-device 2>/dev/null | grep -qc . && echo "BREACH a device of the host can be read: $node"
              rm -f /tmp/isolation-device
            done
            true
            """),
        new("kernel of the host", """
            for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/vm/drop_caches /proc/sysrq-trigger /sys/kernel/uevent_helper /proc/sys/kernel/hostname; do
              [ -e $f ] && ( echo isolation > $f ) 2>/dev/null && [ "$(cat $f 2>/dev/null)" = isolation ] && echo "BREACH $f can be written"
            done
            [ -r /proc/kcore ] && dd if=/proc/kcore bs=1 count=4 2>/dev/null | grep -q ELF && echo "BREACH the host's memory can be read"
            [ -r /proc/kallsyms ] && head -1 /proc/kallsyms 2>/dev/null | grep -qv '^0* ' && [ -s /proc/kallsyms ] && echo "BREACH addresses of the host's kernel are shown"
            true
            """),
        new("mounts and namespaces", """
            mkdir -p /tmp/isolation-mount
            mount -t tmpfs none /tmp/isolation-mount 2>/dev/null && echo "BREACH a file system can be mounted" && umount /tmp/isolation-mount
            mount --bind / /tmp/isolation-mount 2>/dev/null && echo "BREACH a folder can be bound" && umount /tmp/isolation-mount
            for m in sysfs cgroup cgroup2 debugfs; do mount -t $m none /tmp/isolation-mount 2>/dev/null && echo "BREACH $m can be mounted" && umount /tmp/isolation-mount; done
            command -v chroot >/dev/null && chroot /proc/1/root true 2>/dev/null && [ -e "/proc/1/root@PATH@" ] && echo "BREACH chroot leads to the host"
            rmdir /tmp/isolation-mount 2>/dev/null
            true
            """),
        new("network and metadata services", """
            [ -r /proc/net/dev ] && tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | grep -v '^lo$' | sed 's/^/BREACH there is an interface /'
            command -v python3 >/dev/null || exit 0
            python3 - <<'END'
            import socket
            for family, address in [(socket.AF_INET, ("169.254.169.254", 80)), (socket.AF_INET, ("169.254.170.2", 80)), (socket.AF_INET, ("1.1.1.1", 53)),
                                    (socket.AF_INET, ("10.0.0.1", 80)), (socket.AF_INET, ("192.168.0.1", 80)), (socket.AF_INET6, ("fd00:ec2::254", 80))]:
                try:
                    with socket.socket(family, socket.SOCK_STREAM) as s:
                        s.settimeout(2)
                        s.connect(address)
                        print("BREACH", address[0], "can be reached")
                except OSError:
                    pass
            try:
                socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)).recv(1)
                print("BREACH packets can be read")
            except (OSError, AttributeError):
                pass
            END
            """),
        new("privileges", """
            [ "$(id -u)" = 0 ] || {
              grep -q '^CapEff:[[:space:]]*0000000000000000' /proc/self/status || echo "BREACH a user has capabilities: $(grep CapEff /proc/self/status)"
              for f in $(find / -xdev -perm -4000 -type f 2>/dev/null | head -20); do case "$($f -c 'id -u' </dev/null 2>/dev/null)" in 0) echo "BREACH $f makes root of a user";; esac; done
            }
            grep -q '^NoNewPrivs:[[:space:]]*0' /proc/self/status && echo "BREACH a program may gain privileges"
            grep -q '^CapBnd:[[:space:]]*0000000000000000' /proc/self/status || grep -q '^CapEff:[[:space:]]*0000000000000000' /proc/self/status || echo "BREACH capabilities can be gained: $(grep CapBnd /proc/self/status)"
            true
            """),
        new("the agent and its channel", """
            [ "$(id -u)" = 0 ] || {
              ( : > /proc/1/fd/1 ) 2>/dev/null && echo "BREACH the agent's channel can be written"
              ( : < /proc/1/fd/0 ) 2>/dev/null && echo "BREACH the agent's channel can be read"
              ( head -c 1 /proc/1/mem ) >/dev/null 2>&1 && echo "BREACH the agent's memory can be read"
              kill -0 1 2>/dev/null && echo "BREACH the agent can be signalled"
            }
            for fd in /proc/self/fd/*; do n=${fd##*/}; [ "$n" -gt 2 ] 2>/dev/null && case "$(readlink $fd 2>/dev/null)" in pipe:*|socket:*) echo "BREACH descriptor $n of the agent is open: $(readlink $fd)";; esac; done
            for f in /toolrt/agent /toolrt/isolation /layers/isolation; do ( : >> $f ) 2>/dev/null && [ "$(id -u)" != 0 ] && echo "BREACH $f can be written"; done
            true
            """),
        new("links and traversal", """
            ln -sfn / /tmp/isolation-link 2>/dev/null
            [ -r "/tmp/isolation-link/@PATH@" ] && echo "BREACH a link leads to the host"
            ln -sfn /proc/1/root /tmp/isolation-link 2>/dev/null
            [ -r "/tmp/isolation-link@PATH@" ] && echo "BREACH /proc/1/root leads to the host"
            rm -f /tmp/isolation-link
            true
            """),
        new("other kernels' doors", """
            command -v python3 >/dev/null || exit 0
            python3 - <<'END'
            import ctypes, os
            libc = ctypes.CDLL(None, use_errno=True)
            # x86_64 numbers: what a sandbox must not get from any kernel.
            for name, number, arguments in [("kexec_load", 246, (0, 0, 0, 0)), ("init_module", 175, (0, 0, b"")), ("delete_module", 176, (b"x", 0)), ("bpf", 321, (0, 0, 0)),
                                            ("perf_event_open", 298, (0, 0, -1, -1, 0)), ("reboot", 169, (0xfee1dead, 672274793, 0, 0)), ("swapon", 167, (b"/x", 0)),
                                            ("settimeofday", 164, (0, 0)), ("sethostname", 170, (b"isolation", 9)), ("userfaultfd", 323, (0,)), ("open_by_handle_at", 304, (-1, 0, 0))]:
                if libc.syscall(number, *arguments) >= 0 and name not in ("settimeofday",):
                    print("BREACH", name, "is allowed")
            END
            """),
    ];
}
