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
	const Elf64_Ehdr *header;
	uint64_t strings, string_size, versions, version_count;
	uint64_t needed[NEEDED_LIMIT];
	size_t needed_count;
};

static int broken(const struct image *image, struct error *err)
{
	return error_set(err, ERROR_FAILED, "%s is no 64-bit ELF shared library that can be read", image->name);
}

static const void *at(const struct image *image, uint64_t offset, uint64_t size)
{
	return offset <= image->data.len && size <= image->data.len - offset ? image->data.ptr + offset : NULL;
}

static const Elf64_Phdr *segment(const struct image *image, int number)
{
	return at(image, image->header->e_phoff + (uint64_t)number * sizeof(Elf64_Phdr), sizeof(Elf64_Phdr));
}

static uint64_t offset_of(const struct image *image, uint64_t address)
{
	for (int i = 0; i < image->header->e_phnum; i++) {
		const Elf64_Phdr *load = segment(image, i);
		if (load && load->p_type == PT_LOAD && address >= load->p_vaddr &&
		    address - load->p_vaddr < load->p_filesz)
			return address - load->p_vaddr + load->p_offset;
	}
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

static int read_dynamic(struct image *image, struct error *err)
{
	for (int i = 0; i < image->header->e_phnum; i++) {
		const Elf64_Phdr *dynamic = segment(image, i);
		if (!dynamic)
			return broken(image, err);
		if (dynamic->p_type != PT_DYNAMIC)
			continue;
		for (uint64_t done = 0; done + sizeof(Elf64_Dyn) <= dynamic->p_filesz; done += sizeof(Elf64_Dyn)) {
			const Elf64_Dyn *entry = at(image, dynamic->p_offset + done, sizeof *entry);
			if (!entry)
				return broken(image, err);
			if (entry->d_tag == DT_NULL)
				break;
			note_dynamic(image, entry);
		}
	}
	const char *strings = at(image, image->strings, image->string_size);
	// Ends in a NUL: every text in it does.
	return strings && image->string_size && !strings[image->string_size - 1] ? 0 : broken(image, err);
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
	uint64_t place = image->versions;
	for (uint64_t i = 0; i < image->version_count; i++) {
		const Elf64_Verneed *need = at(image, place, sizeof *need);
		if (!need)
			return broken(image, err);
		uint64_t next = place + need->vn_aux;
		for (int j = 0; j < need->vn_cnt; j++) {
			const Elf64_Vernaux *aux = at(image, next, sizeof *aux);
			if (!aux)
				return broken(image, err);
			note_version(string(image, aux->vna_name), glibc);
			next += aux->vna_next;
		}
		place += need->vn_next;
	}
	return 0;
}

int bundle_manylinux(struct slice elf, const char *name, int *glibc, const char **machine, struct error *err)
{
	struct image image = {.data = elf, .name = name};
	image.header = at(&image, 0, sizeof *image.header);
	if (!image.header || memcmp(image.header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    image.header->e_ident[EI_CLASS] != ELFCLASS64 || image.header->e_phentsize != sizeof(Elf64_Phdr))
		return broken(&image, err);
	if (image.header->e_machine != EM_X86_64 && image.header->e_machine != EM_AARCH64)
		return error_set(err, ERROR_FAILED, "%s is for a machine that has no manylinux tag here", name);
	*machine = image.header->e_machine == EM_X86_64 ? "x86_64" : "aarch64";
	*glibc = OLDEST_GLIBC;
	return read_dynamic(&image, err) || check_needed(&image, err) || read_versions(&image, glibc, err) ? -1 : 0;
}
