/*
 * Starts a program as another user. It is C because nothing managed may run between vfork and execve: the child
 * shares the agent's memory until it execs, and a garbage collection or a lazy binding there would break the parent.
 * vfork, not fork: under gVisor copying the agent's address space costs more than all the rest (docs/decisions).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct toolrt_spawn {
    const char *path;
    char *const *argv;
    char *const *envp;
    const char *cwd;
    const int32_t *fds;
    int64_t limits[4];
    int32_t fd_count;
    int32_t uid;
    int32_t gid;
    int32_t terminal;
    volatile int32_t step;
    volatile int32_t error;
};

enum step { SESSION = 1, DESCRIPTORS, LIMITS, BOUNDING_SET, USER, NO_NEW_PRIVILEGES, FOLDER, EXEC };

/* Above every descriptor that a child is given, so that putting one in place cannot overwrite another. */
enum { ABOVE_ALL = 32 };

static int place_descriptors(const struct toolrt_spawn *request) {
    int moved[ABOVE_ALL];
    for (int i = 0; i < request->fd_count; i++) {
        moved[i] = request->fds[i] < 0 ? -1 : fcntl(request->fds[i], F_DUPFD_CLOEXEC, ABOVE_ALL);
        if (request->fds[i] >= 0 && moved[i] < 0) return -1;
    }
    for (int i = 0; i < request->fd_count; i++) {
        if (moved[i] < 0) close(i);
        else if (dup2(moved[i], i) < 0) return -1;
    }
    return request->terminal ? ioctl(0, TIOCSCTTY, 0) : 0;
}

static int set_limits(const struct toolrt_spawn *request) {
    static const int resources[4] = { RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_AS };
    for (int i = 0; i < 4; i++) {
        struct rlimit limit, present;
        if (request->limits[i] <= 0) continue;
        if (getrlimit(resources[i], &present) < 0) return -1;
        limit.rlim_cur = limit.rlim_max = (rlim_t)request->limits[i] < present.rlim_max ? (rlim_t)request->limits[i] : present.rlim_max;
        /* That of the address space is for the program's own good, the wall is the sandbox's memory: what it starts may need a larger one. */
        if (resources[i] == RLIMIT_AS) limit.rlim_max = present.rlim_max;
        if (setrlimit(resources[i], &limit) < 0) return -1;
    }
    return 0;
}

static int empty_bounding_set(void) {
    for (int capability = 0; capability < 64; capability++) {
        int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (held < 0) return 0;
        if (held > 0 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) return -1;
    }
    return 0;
}

/* Raw calls: the C library's own would try to switch every thread of the agent as well. */
static int switch_user(const struct toolrt_spawn *request) {
    if (request->uid < 0) return 0;
    if (syscall(SYS_setgroups, 0, 0) < 0) return -1;
    if (syscall(SYS_setresgid, request->gid, request->gid, request->gid) < 0) return -1;
    return syscall(SYS_setresuid, request->uid, request->uid, request->uid);
}

static void reset_signals(void) {
    struct sigaction action = { .sa_handler = SIG_DFL };
    sigset_t none;
    for (int signal = 1; signal < NSIG; signal++) {
        if (signal != SIGKILL && signal != SIGSTOP) sigaction(signal, &action, 0);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
}

static void __attribute__((noinline, noreturn)) child(struct toolrt_spawn *request) {
    int32_t step = SESSION;
    if (setsid() < 0) goto failed;
    step = DESCRIPTORS;
    if (place_descriptors(request) < 0) goto failed;
    step = LIMITS;
    if (set_limits(request) < 0) goto failed;
    step = BOUNDING_SET;
    if (request->uid >= 0 && empty_bounding_set() < 0) goto failed;
    /* Entered with the agent's rights first: a program may start in a folder that its user may not enter, as with other starters of containers. */
    int entered = chdir(request->cwd);
    step = USER;
    if (switch_user(request) < 0) goto failed;
    step = NO_NEW_PRIVILEGES;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) goto failed;
    step = FOLDER;
    if (chdir(request->cwd) < 0 && (errno != EACCES || entered < 0)) goto failed;
    umask(022);
    reset_signals();
    step = EXEC;
    execve(request->path, request->argv, request->envp);
failed:
    request->error = errno;
    request->step = step;
    _exit(127);
}

/* Returns the process id, or -1 with the step and its errno in the request. */
int32_t toolrt_spawn(struct toolrt_spawn *request) {
    sigset_t all, before;
    request->step = request->error = 0;
    if (request->fd_count > ABOVE_ALL) {
        request->step = DESCRIPTORS;
        request->error = EINVAL;
        return -1;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0) child(request);
    int failed = errno;
    pthread_sigmask(SIG_SETMASK, &before, 0);
    if (pid < 0) request->error = failed;
    return pid < 0 || request->step != 0 ? -1 : pid;
}
