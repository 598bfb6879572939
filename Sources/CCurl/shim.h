#pragma once

#include <curl/curl.h>

// Swift imports no variadic functions; each of these fixes the type of the one argument.

static inline CURLcode ld_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

static inline CURLcode ld_set_long(CURL *h, CURLoption option, long value) {
    return curl_easy_setopt(h, option, value);
}

static inline CURLcode ld_set_size(CURL *h, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(h, option, value);
}

static inline CURLcode ld_set_text(CURL *h, CURLoption option, const char *value) {
    return curl_easy_setopt(h, option, value);
}

static inline CURLcode ld_set_list(CURL *h, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(h, option, value);
}

static inline CURLcode ld_set_error_buffer(CURL *h, char *buffer) {
    return curl_easy_setopt(h, CURLOPT_ERRORBUFFER, buffer);
}

static inline CURLcode ld_set_read(CURL *h, curl_read_callback f, void *context) {
    CURLcode r = curl_easy_setopt(h, CURLOPT_READFUNCTION, f);
    return r ? r : curl_easy_setopt(h, CURLOPT_READDATA, context);
}

static inline CURLcode ld_set_write(CURL *h, curl_write_callback f, void *context) {
    CURLcode r = curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, f);
    return r ? r : curl_easy_setopt(h, CURLOPT_WRITEDATA, context);
}

static inline CURLcode ld_set_progress(CURL *h, curl_xferinfo_callback f, void *context) {
    CURLcode r = curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, f);
    if (r == CURLE_OK) r = curl_easy_setopt(h, CURLOPT_XFERINFODATA, context);
    return r ? r : curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
}

static inline CURLcode ld_set_debug(CURL *h, curl_debug_callback f, void *context) {
    CURLcode r = curl_easy_setopt(h, CURLOPT_DEBUGFUNCTION, f);
    if (r == CURLE_OK) r = curl_easy_setopt(h, CURLOPT_DEBUGDATA, context);
    return r ? r : curl_easy_setopt(h, CURLOPT_VERBOSE, 1L);
}

static inline CURLcode ld_get_long(CURL *h, CURLINFO info, long *value) {
    return curl_easy_getinfo(h, info, value);
}
