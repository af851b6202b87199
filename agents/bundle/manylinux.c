// Which Linux a shared library runs on: the rules of auditwheel (PEP 600).
// A library may need the libraries that every such system has, and of glibc no
// symbol version newer than the tag says. Read from the dynamic segment.
#include <elf.h>
#include <string.h>

#include "agents/bundle/internal.h"

enum { OLDEST_GLIBC = 17, NEEDED_LIMIT = 64 };

// What PEP 600 and auditwheel's policy take for granted, as far as Go and C need it.
static const char *const promised[] = {"libc.so.6",      "libpthread.so.0",      "libdl.so.2",
				       "libm.so.6",      "librt.so.1",           "libgcc_s.so.1",
				       "libresolv.so.2", "libutil.so.1",         "libnsl.so.1",
				       "libstdc++.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"};

struct image {
	struct slice data;
	const char *name;
	Elf64_Ehdr header;
	uint64_t strings, string_size, versions, version_count;
	uint64_t needed[NEEDED_LIMIT];
	size_t needed_count;
};

static int broken(const struct image *image, struct error *err)
{
	return error_set(err, ERROR_FAILED, "%s is no 64-bit ELF shared library that can be read", image->name);
}

// Copies: what a file says of places need not be aligned.
static bool take(const struct image *image, uint64_t offset, void *out, size_t size)
{
	if (offset > image->data.len || size > image->data.len - offset)
		return false;
	memcpy(out, image->data.ptr + offset, size);
	return true;
}

static bool segment(const struct image *image, int number, Elf64_Phdr *out)
{
	return take(image, image->header.e_phoff + (uint64_t)number * sizeof *out, out, sizeof *out);
}

static uint64_t offset_of(const struct image *image, uint64_t address)
{
	Elf64_Phdr load;
	for (int i = 0; i < image->header.e_phnum; i++)
		if (segment(image, i, &load) && load.p_type == PT_LOAD && address >= load.p_vaddr &&
		    address - load.p_vaddr < load.p_filesz)
			return address - load.p_vaddr + load.p_offset;
	return UINT64_MAX;
}

static void note_dynamic(struct image *image, const Elf64_Dyn *entry)
{
	switch (entry->d_tag) {
	case DT_STRTAB: image->strings = offset_of(image, entry->d_un.d_ptr); break;
	case DT_STRSZ: image->string_size = entry->d_un.d_val; break;
	case DT_VERNEED: image->versions = offset_of(image, entry->d_un.d_ptr); break;
	case DT_VERNEEDNUM: image->version_count = entry->d_un.d_val; break;
	case DT_NEEDED:
		if (image->needed_count < NEEDED_LIMIT)
			image->needed[image->needed_count++] = entry->d_un.d_val;
		break;
	default: break;
	}
}

static int read_segment(struct image *image, const Elf64_Phdr *dynamic, struct error *err)
{
	Elf64_Dyn entry;
	for (uint64_t done = 0; done + sizeof entry <= dynamic->p_filesz; done += sizeof entry) {
		if (!take(image, dynamic->p_offset + done, &entry, sizeof entry))
			return broken(image, err);
		if (entry.d_tag == DT_NULL)
			break;
		note_dynamic(image, &entry);
	}
	return 0;
}

static int read_dynamic(struct image *image, struct error *err)
{
	Elf64_Phdr dynamic;
	char last = 'x';
	for (int i = 0; i < image->header.e_phnum; i++) {
		if (!segment(image, i, &dynamic))
			return broken(image, err);
		if (dynamic.p_type == PT_DYNAMIC && read_segment(image, &dynamic, err))
			return -1;
	}
	// The table of strings ends in a NUL: every text in it does.
	bool whole = image->string_size && image->strings <= image->data.len &&
		     image->string_size <= image->data.len - image->strings &&
		     take(image, image->strings + image->string_size - 1, &last, 1) && !last;
	return whole ? 0 : broken(image, err);
}

static const char *string(const struct image *image, uint64_t number)
{
	return number < image->string_size ? image->data.ptr + image->strings + number : "";
}

static int check_needed(const struct image *image, struct error *err)
{
	for (size_t i = 0; i < image->needed_count; i++) {
		const char *library = string(image, image->needed[i]);
		bool known = false;
		for (size_t j = 0; j < ARRAY_LENGTH(promised); j++)
			known |= !strcmp(library, promised[j]);
		if (!known)
			return error_set(err, ERROR_FAILED, "%s needs %s, which not every Linux has", image->name,
					 library);
	}
	return 0;
}

// "GLIBC_2.34", "GLIBC_2.2.5"
static void note_version(const char *version, int *glibc)
{
	static const char prefix[] = "GLIBC_2.";
	uint64_t minor;
	if (strncmp(version, prefix, strlen(prefix)) != 0)
		return;
	struct slice digits = slice_of(version + strlen(prefix));
	digits.len = strspn(digits.ptr, "0123456789");
	if (!parse_u64(digits, &minor) && minor < INT16_MAX && (int)minor > *glibc)
		*glibc = (int)minor;
}

static int read_versions(const struct image *image, int *glibc, struct error *err)
{
	Elf64_Verneed need;
	Elf64_Vernaux aux;
	uint64_t place = image->versions;
	for (uint64_t i = 0; i < image->version_count; i++) {
		if (!take(image, place, &need, sizeof need))
			return broken(image, err);
		uint64_t next = place + need.vn_aux;
		for (int j = 0; j < need.vn_cnt; j++) {
			if (!take(image, next, &aux, sizeof aux))
				return broken(image, err);
			note_version(string(image, aux.vna_name), glibc);
			if (!aux.vna_next)
				break;
			next += aux.vna_next;
		}
		if (!need.vn_next)
			break;
		place += need.vn_next;
	}
	return 0;
}

int bundle_manylinux(struct slice elf, const char *name, int *glibc, const char **machine, struct error *err)
{
	struct image image = {.data = elf, .name = name};
	if (!take(&image, 0, &image.header, sizeof image.header) ||
	    memcmp(image.header.e_ident, ELFMAG, SELFMAG) != 0 || image.header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    image.header.e_phentsize != sizeof(Elf64_Phdr))
		return broken(&image, err);
	if (image.header.e_machine != EM_X86_64 && image.header.e_machine != EM_AARCH64)
		return error_set(err, ERROR_FAILED, "%s is for a machine that has no manylinux tag here", name);
	*machine = image.header.e_machine == EM_X86_64 ? "x86_64" : "aarch64";
	*glibc = OLDEST_GLIBC;
	return read_dynamic(&image, err) || check_needed(&image, err) || read_versions(&image, glibc, err) ? -1 : 0;
}
