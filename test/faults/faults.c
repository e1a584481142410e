/*
 * Faults under a program's files, for tests: a library for LD_PRELOAD that stands between a program and the C library's
 * calls on files, and makes some of them fail, fall short, or kill the process, as a file of rules says.
 *
 *   FAULTS_FOLDER   only files below this folder are meddled with (an absolute path, as the program opens them)
 *   FAULTS_RULES    the file of rules; read again whenever it is replaced, and all counting begins anew then
 *   FAULTS_STRUCK   each rule that strikes appends a line here: the rule's number, the call, the path
 *   FAULTS_JOURNAL  set: writes that were not synced are remembered, so that a rule can lose them
 *   FAULTS_CLOCK    set: the program's clock is that of the rules
 *
 * A rule is a line `VERDICT CALLS PATTERN AFTER TIMES`: CALLS are names of calls joined by commas (open, read, write,
 * sync, truncate, rename, unlink, mkdir; `any`), PATTERN is matched with the path below the folder, as a shell matches
 * it but that `*` matches slashes too; the rule strikes after AFTER such calls, TIMES times (-1: for ever). The first
 * rule that strikes decides. VERDICT is
 *
 *   EIO, ENOSPC, EROFS, EACCES, EMFILE, EDQUOT   the call fails so, and does nothing
 *   late-EIO                                     the call is done, and fails so all the same
 *   short                                        a read or write does the first half
 *   kill-before, kill-half, kill-after           the process is killed; half is of a write
 *   lose-before, lose-half, lose-after           the same, and what was written and not synced is lost, as by a loss
 *                                                of power: all of it (lose), or a part that FAULTS_JOURNAL's number
 *                                                chooses where that is not 0
 *
 * A line `clock SECONDS` sets the program's clock ahead by so much, or back.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MOST_FDS 65536
#define MOST_RULES 32
#define MOST_INODES 4096

enum call { OPEN = 1, READ = 2, WRITE = 4, SYNC = 8, TRUNCATE = 16, RENAME = 32, UNLINK = 64, MKDIR = 128 };
enum verdict { PASS, FAIL, LATE, SHORT, KILL_BEFORE, KILL_HALF, KILL_AFTER };

struct rule {
  enum verdict verdict;
  int lose;
  int error;
  int calls;
  char pattern[256];
  long after, times, seen, struck;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *folder, *rules_path, *struck_path, *journal, *clocked;
static size_t folder_length;
static char *paths[MOST_FDS];
static struct rule rules[MOST_RULES];
static int rule_count;
static struct timespec rules_time;
static ino_t rules_inode;
static long long clock_ahead_s;

static const struct { const char *name; int value; } CALLS[] = {
  {"open", OPEN}, {"read", READ}, {"write", WRITE}, {"sync", SYNC}, {"truncate", TRUNCATE}, {"rename", RENAME},
  {"unlink", UNLINK}, {"mkdir", MKDIR}, {"any", 255},
};
static const struct { const char *name; int value; } ERRORS[] = {
  {"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}, {"EACCES", EACCES}, {"EMFILE", EMFILE}, {"EDQUOT", EDQUOT},
};

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}
/* dlsym once for each function: its symbol never changes. */
#define REALLY(name) static __typeof__(&name) really; if (really == NULL) really = REAL(name)

__attribute__((constructor)) static void begin(void) {
  folder = getenv("FAULTS_FOLDER");
  rules_path = getenv("FAULTS_RULES");
  struck_path = getenv("FAULTS_STRUCK");
  journal = getenv("FAULTS_JOURNAL");
  clocked = getenv("FAULTS_CLOCK");
  folder_length = folder == NULL ? 0 : strlen(folder);
  unsetenv("LD_PRELOAD"); /* What the program starts is left alone. */
}

/* ---- rules ---- */

static void read_rule(char *line) {
  char verdict[32], calls[128];
  struct rule *rule = &rules[rule_count];
  long long ahead;
  if (sscanf(line, "clock %lld", &ahead) == 1) {
    clock_ahead_s = ahead;
    return;
  }
  memset(rule, 0, sizeof *rule);
  if (rule_count == MOST_RULES ||
      sscanf(line, "%31s %127s %255s %ld %ld", verdict, calls, rule->pattern, &rule->after, &rule->times) != 5) {
    fprintf(stderr, "faults: not a rule: %s\n", line);
    abort();
  }
  char *kind = verdict;
  if (strncmp(verdict, "late-", 5) == 0) kind = verdict + 5;
  for (size_t n = 0; n < sizeof ERRORS / sizeof *ERRORS; n++)
    if (strcmp(kind, ERRORS[n].name) == 0) {
      rule->verdict = kind == verdict ? FAIL : LATE;
      rule->error = ERRORS[n].value;
    }
  if (strcmp(verdict, "short") == 0) rule->verdict = SHORT;
  if (strncmp(verdict, "kill-", 5) == 0 || strncmp(verdict, "lose-", 5) == 0) {
    rule->lose = verdict[0] == 'l';
    kind = verdict + 5;
    rule->verdict = strcmp(kind, "before") == 0 ? KILL_BEFORE : strcmp(kind, "half") == 0 ? KILL_HALF : KILL_AFTER;
  }
  char *rest = calls;
  for (char *name; (name = strsep(&rest, ",")) != NULL;)
    for (size_t n = 0; n < sizeof CALLS / sizeof *CALLS; n++)
      if (strcmp(name, CALLS[n].name) == 0) rule->calls |= CALLS[n].value;
  if (rule->verdict == PASS || rule->calls == 0) {
    fprintf(stderr, "faults: not a rule: %s\n", line);
    abort();
  }
  rule_count++;
}

/* Reads the rules where they were replaced. With the lock held. */
static void read_rules(void) {
  struct stat found;
  if (rules_path == NULL || stat(rules_path, &found) != 0) return;
  if (found.st_ino == rules_inode && found.st_mtim.tv_sec == rules_time.tv_sec &&
      found.st_mtim.tv_nsec == rules_time.tv_nsec)
    return;
  rules_inode = found.st_ino;
  rules_time = found.st_mtim;
  rule_count = 0;
  clock_ahead_s = 0;
  static char text[16384];
  int fd = (int)syscall(SYS_openat, AT_FDCWD, rules_path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return;
  ssize_t length = syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  text[length < 0 ? 0 : length] = 0;
  char *rest = text;
  for (char *line; (line = strsep(&rest, "\n")) != NULL;)
    if (line[0] != 0) read_rule(line);
}

static void tell(int rule, const char *name, const char *path) {
  char line[PATH_MAX + 64];
  int length = snprintf(line, sizeof line, "%d %s %s\n", rule, name, path);
  int fd = (int)syscall(SYS_openat, AT_FDCWD, struck_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  syscall(SYS_write, fd, line, (size_t)length);
  syscall(SYS_close, fd);
}

/* The path below the folder, or null for files that are nobody's business. */
static const char *below(const char *path) {
  if (folder_length == 0 || path == NULL || strncmp(path, folder, folder_length) != 0) return NULL;
  if (path[folder_length] == 0) return ".";
  return path[folder_length] == '/' ? path + folder_length + 1 : NULL;
}

/* The rule that strikes this call, or null. With the lock held. */
static struct rule *judge(enum call call, const char *name, const char *path) {
  read_rules();
  for (int n = 0; n < rule_count; n++) {
    struct rule *rule = &rules[n];
    if ((rule->calls & (int)call) == 0 || fnmatch(rule->pattern, path, 0) != 0) continue;
    if (rule->seen++ < rule->after || (rule->times >= 0 && rule->struck >= rule->times)) continue;
    rule->struck++;
    if (struck_path != NULL) tell(n, name, path);
    return rule;
  }
  return NULL;
}

/* ---- what was written and not synced ---- */

struct change {
  struct change *before;
  off_t offset, was_size;
  size_t was_length, length; /* length SIZE_MAX: a truncation to offset */
  char *was, *now;
};
static struct unsynced { dev_t dev; ino_t ino; int fd; struct change *last; } unsynced[MOST_INODES];
static int unsynced_count;

static struct unsynced *unsynced_of(int fd, struct stat *found) {
  if (fstat(fd, found) != 0 || !S_ISREG(found->st_mode)) return NULL;
  for (int n = 0; n < unsynced_count; n++)
    if (unsynced[n].dev == found->st_dev && unsynced[n].ino == found->st_ino) return &unsynced[n];
  if (unsynced_count == MOST_INODES) abort();
  char own[64];
  snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
  /* Never closed: that would let go of the locks that the process has on the file. */
  int mine = (int)syscall(SYS_openat, AT_FDCWD, own, O_RDWR | O_CLOEXEC, 0);
  if (mine < 0) return NULL;
  unsynced[unsynced_count] = (struct unsynced){found->st_dev, found->st_ino, mine, NULL};
  return &unsynced[unsynced_count++];
}

/* Before a write or a truncation (length SIZE_MAX). With the lock held. */
static void remember(int fd, const void *bytes, size_t length, off_t offset) {
  struct stat found;
  struct unsynced *file = unsynced_of(fd, &found);
  if (file == NULL) return;
  int truncation = length == SIZE_MAX;
  if (offset < 0) offset = fcntl(fd, F_GETFL) & O_APPEND ? found.st_size : lseek(fd, 0, SEEK_CUR);
  off_t end = truncation ? found.st_size : offset + (off_t)length;
  if (end > found.st_size) end = found.st_size;
  struct change *change = calloc(1, sizeof *change);
  *change = (struct change){file->last, offset, found.st_size, 0, length, NULL, NULL};
  if (end > offset) {
    change->was_length = (size_t)(end - offset);
    change->was = malloc(change->was_length);
    syscall(SYS_pread64, file->fd, change->was, change->was_length, offset);
  }
  if (!truncation) {
    change->now = malloc(length);
    memcpy(change->now, bytes, length);
  }
  file->last = change;
}

static void forget(int fd) {
  struct stat found;
  struct unsynced *file = unsynced_of(fd, &found);
  if (file == NULL) return;
  for (struct change *change = file->last; change != NULL;) {
    struct change *before = change->before;
    free(change->was);
    free(change->now);
    free(change);
    change = before;
  }
  file->last = NULL;
}

static void redo(struct unsynced *file, struct change *change, unsigned *random) {
  if (change == NULL) return;
  redo(file, change->before, random);
  *random = *random * 1103515245u + 12345u;
  unsigned choice = (*random >> 16) % 3;
  if (choice == 0) return; /* lost */
  if (change->length == SIZE_MAX) {
    syscall(SYS_ftruncate, file->fd, change->offset);
    return;
  }
  size_t length = choice == 1 ? change->length : change->length / 2 / 512 * 512;
  syscall(SYS_pwrite64, file->fd, change->now, length, change->offset);
}

static void lose(void) {
  unsigned random = (unsigned)atoi(journal == NULL ? "0" : journal);
  int some = random != 0;
  for (int n = 0; n < unsynced_count; n++) {
    for (struct change *change = unsynced[n].last; change != NULL; change = change->before) {
      if (change->was != NULL)
        syscall(SYS_pwrite64, unsynced[n].fd, change->was, change->was_length, change->offset);
      syscall(SYS_ftruncate, unsynced[n].fd, change->was_size);
    }
    if (some) redo(&unsynced[n], unsynced[n].last, &random);
  }
}

static void die(struct rule *rule) {
  if (rule->lose) lose();
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

/* ---- calls on open files ---- */

static const char *path_of(int fd) {
  return fd >= 0 && fd < MOST_FDS && paths[fd] != NULL ? below(paths[fd]) : NULL;
}

static int fail(struct rule *rule) {
  errno = rule->error;
  return -1;
}

/* What the rule says of a call that returns 0 or -1; `act` does it. */
#define DO_SIMPLE(call, name, path, act)                        \
  pthread_mutex_lock(&lock);                                    \
  struct rule *rule = judge(call, name, path);                  \
  if (rule != NULL && rule->verdict == FAIL) {                  \
    pthread_mutex_unlock(&lock);                                \
    return fail(rule);                                          \
  }                                                             \
  if (rule != NULL && (rule->verdict == KILL_BEFORE || rule->verdict == KILL_HALF)) die(rule); \
  if (journal == NULL) pthread_mutex_unlock(&lock);             \
  int result = (int)(act);                                      \
  int error = errno;                                            \
  if (rule != NULL && rule->verdict == KILL_AFTER) die(rule);

#define END_SIMPLE                                              \
  if (journal != NULL) pthread_mutex_unlock(&lock);             \
  errno = error;                                                \
  if (rule != NULL && rule->verdict == LATE) return fail(rule); \
  return result;

static int opened(const char *path, int fd) {
  if (fd < 0 || fd >= MOST_FDS) return fd;
  pthread_mutex_lock(&lock);
  free(paths[fd]);
  paths[fd] = below(path) == NULL ? NULL : strdup(path);
  pthread_mutex_unlock(&lock);
  return fd;
}

static int open_as(int at, const char *path, int flags, mode_t mode) {
  const char *mine = below(path);
  if (mine == NULL) return opened(path, (int)syscall(SYS_openat, at, path, flags, mode));
  DO_SIMPLE(OPEN, "open", mine, syscall(SYS_openat, at, path, flags, mode))
  if (journal != NULL) pthread_mutex_unlock(&lock);
  errno = error;
  if (rule != NULL && rule->verdict == LATE) return fail(rule);
  return opened(path, result);
}

#define MODE                                                \
  mode_t mode = 0;                                          \
  if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) { \
    va_list given;                                          \
    va_start(given, flags);                                 \
    mode = va_arg(given, mode_t);                           \
    va_end(given);                                          \
  }

int open(const char *path, int flags, ...) { MODE return open_as(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return open_as(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE return open_as(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE return open_as(at, path, flags | O_LARGEFILE, mode); }

int close(int fd) {
  REALLY(close);
  if (fd >= 0 && fd < MOST_FDS && paths[fd] != NULL) {
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = NULL;
    pthread_mutex_unlock(&lock);
  }
  return really(fd);
}

/* A write of one stretch; offset -1: where the file stands. */
static ssize_t write_one(int fd, const void *bytes, size_t length, off_t offset) {
  return offset < 0 ? syscall(SYS_write, fd, bytes, length) : syscall(SYS_pwrite64, fd, bytes, length, offset);
}

static ssize_t write_as(const char *name, int fd, const void *bytes, size_t length, off_t offset) {
  const char *path = path_of(fd);
  if (path == NULL) return write_one(fd, bytes, length, offset);
  pthread_mutex_lock(&lock);
  struct rule *rule = judge(WRITE, name, path);
  enum verdict verdict = rule == NULL ? PASS : rule->verdict;
  if (verdict == FAIL) {
    pthread_mutex_unlock(&lock);
    return fail(rule);
  }
  if (verdict == KILL_BEFORE) die(rule);
  if ((verdict == SHORT || verdict == KILL_HALF) && length > 1) length /= 2;
  if (journal != NULL) remember(fd, bytes, length, offset);
  else pthread_mutex_unlock(&lock);
  ssize_t result = write_one(fd, bytes, length, offset);
  int error = errno;
  if (verdict == KILL_HALF || verdict == KILL_AFTER) die(rule);
  if (journal != NULL) pthread_mutex_unlock(&lock);
  errno = error;
  return verdict == LATE ? fail(rule) : result;
}

ssize_t write(int fd, const void *bytes, size_t length) { return write_as("write", fd, bytes, length, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return write_as("pwrite", fd, bytes, length, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) {
  return write_as("pwrite", fd, bytes, length, at);
}

/* Below the folder several stretches are written as one. */
static ssize_t write_all(const char *name, int fd, const struct iovec *parts, int count, off_t offset) {
  size_t length = 0;
  for (int n = 0; n < count; n++) length += parts[n].iov_len;
  char *bytes = malloc(length + 1), *at = bytes;
  for (int n = 0; n < count; n++) at = mempcpy(at, parts[n].iov_base, parts[n].iov_len);
  ssize_t result = write_as(name, fd, bytes, length, offset);
  int error = errno;
  free(bytes);
  errno = error;
  return result;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (path_of(fd) == NULL) return syscall(SYS_writev, fd, parts, count);
  return write_all("writev", fd, parts, count, -1);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  REALLY(pwritev);
  return path_of(fd) == NULL ? really(fd, parts, count, offset) : write_all("pwritev", fd, parts, count, offset);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
  return pwritev(fd, parts, count, offset);
}

static ssize_t read_as(const char *name, int fd, void *bytes, size_t length, off_t offset) {
  const char *path = path_of(fd);
  if (path != NULL) {
    pthread_mutex_lock(&lock);
    struct rule *rule = judge(READ, name, path);
    if (rule != NULL && rule->verdict >= KILL_BEFORE) die(rule);
    pthread_mutex_unlock(&lock);
    if (rule != NULL && rule->verdict == SHORT && length > 1) length /= 2;
    else if (rule != NULL && rule->verdict != SHORT) return fail(rule);
  }
  return offset < 0 ? syscall(SYS_read, fd, bytes, length) : syscall(SYS_pread64, fd, bytes, length, offset);
}

ssize_t read(int fd, void *bytes, size_t length) { return read_as("read", fd, bytes, length, -1); }
ssize_t pread(int fd, void *bytes, size_t length, off_t offset) { return read_as("pread", fd, bytes, length, offset); }
ssize_t pread64(int fd, void *bytes, size_t length, off_t offset) {
  return read_as("pread", fd, bytes, length, offset);
}

static int sync_as(const char *name, int fd, long number) {
  const char *path = path_of(fd);
  if (path == NULL) return (int)syscall(number, fd);
  DO_SIMPLE(SYNC, name, path, syscall(number, fd))
  if (journal != NULL && result == 0) forget(fd);
  END_SIMPLE
}
int fsync(int fd) { return sync_as("fsync", fd, SYS_fsync); }
int fdatasync(int fd) { return sync_as("fdatasync", fd, SYS_fdatasync); }

static long truncate_open(int fd, off_t size) {
  if (journal != NULL) remember(fd, NULL, SIZE_MAX, size);
  return syscall(SYS_ftruncate, fd, size);
}
int ftruncate(int fd, off_t size) {
  const char *path = path_of(fd);
  if (path == NULL) return (int)syscall(SYS_ftruncate, fd, size);
  DO_SIMPLE(TRUNCATE, "ftruncate", path, truncate_open(fd, size))
  END_SIMPLE
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

/* ---- calls on names ---- */

int rename(const char *from, const char *to) {
  REALLY(rename);
  const char *path = below(to) == NULL ? below(from) : below(to);
  if (path == NULL) return really(from, to);
  DO_SIMPLE(RENAME, "rename", path, really(from, to))
  END_SIMPLE
}
int unlink(const char *name) {
  REALLY(unlink);
  const char *path = below(name);
  if (path == NULL) return really(name);
  DO_SIMPLE(UNLINK, "unlink", path, really(name))
  END_SIMPLE
}
int unlinkat(int at, const char *name, int flags) {
  REALLY(unlinkat);
  const char *path = below(name);
  if (path == NULL) return really(at, name, flags);
  DO_SIMPLE(UNLINK, "unlink", path, really(at, name, flags))
  END_SIMPLE
}
int mkdir(const char *name, mode_t mode) {
  REALLY(mkdir);
  const char *path = below(name);
  if (path == NULL) return really(name, mode);
  DO_SIMPLE(MKDIR, "mkdir", path, really(name, mode))
  END_SIMPLE
}

/* ---- the clock ---- */

static long long ahead_s(void) {
  if (clocked == NULL) return 0;
  pthread_mutex_lock(&lock);
  read_rules();
  long long ahead = clock_ahead_s;
  pthread_mutex_unlock(&lock);
  return ahead;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += ahead_s();
  return result;
}
int gettimeofday(struct timeval *time, void *zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
  return 0;
}
time_t time(time_t *where) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (where != NULL) *where = now.tv_sec;
  return now.tv_sec;
}
