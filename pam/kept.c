/*
 * A page of its own for the key and the ids. It is empty in every forked child and absent from core dumps: sshd forks
 * the process that becomes the user after the session is opened, and the key must not go along. A child that needs it
 * reads the file again.
 */
#include "kept.h"

#include <string.h>
#include <sys/mman.h>

static const char name[] = "gatehouse";

static void wipe_kept(pam_handle_t *pamh, void *data, int status)
{
    (void)pamh;
    (void)status;
    explicit_bzero(data, sizeof(struct kept));
    munmap(data, sizeof(struct kept));
}

struct kept *kept_of(pam_handle_t *pamh)
{
    const void *known = NULL;
    void *page;

    if (pam_get_data(pamh, name, &known) == PAM_SUCCESS && known != NULL)
        return (struct kept *)(uintptr_t)known;
    page = mmap(NULL, sizeof(struct kept), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    madvise(page, sizeof(struct kept), MADV_WIPEONFORK);
    madvise(page, sizeof(struct kept), MADV_DONTDUMP);
    if (pam_set_data(pamh, name, page, wipe_kept) == PAM_SUCCESS)
        return page;
    munmap(page, sizeof(struct kept));
    return NULL;
}
