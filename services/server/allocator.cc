// How the allocator behaves, in whatever program this file is linked into (jemalloc reads the symbol; Debian builds it without a
// prefix). Messages are made on one thread and freed on another all day long, and what is given back to the system must be faulted in
// anew: so pages are large, and are kept for some seconds.
extern "C" {
const char* malloc_conf =
    "thp:always,metadata_thp:auto,background_thread:true,dirty_decay_ms:10000,muzzy_decay_ms:10000";
}
