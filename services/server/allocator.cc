// How the allocator behaves, in whatever program this file is linked into (jemalloc reads the symbol; Debian builds it without a
// prefix). Messages are made on one thread and freed on another all day long, and what is given back to the system must be faulted in
// anew: so pages are kept for some seconds. Then they are given back at once: those that the system may take, and does not, count as
// resident. No huge pages: the kernel fills up those that something was given back of, and memory grows without end.
extern "C" {
const char* malloc_conf = "background_thread:true,dirty_decay_ms:10000,muzzy_decay_ms:0";
}
