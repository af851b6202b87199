"""Writes the C file that puts assets into the binary (core/asset.h)."""
import argparse
import hashlib

parser = argparse.ArgumentParser()
parser.add_argument('--generator', nargs='*', default=[])
parser.add_argument('--assets', nargs='*', default=[])
options = parser.parse_args()

digest = hashlib.sha256()
for path in sorted(options.generator):
    with open(path, 'rb') as file:
        data = file.read()
    digest.update(b'%s\0%d\0' % (path.encode(), len(data)))
    digest.update(data)

print('#include "core/asset.h"')
print('const char generator_digest[] = "%s";' % digest.hexdigest())
paths = sorted(set(options.assets))
for number, path in enumerate(paths):
    print('__asm__(".section .rodata\\n.balign 16\\nasset_%d:\\n.incbin \\"%s\\"\\nasset_%d_end:\\n.byte 0\\n.previous\\n");' % (number, path, number))
    print('extern const char asset_%d[], asset_%d_end[];' % (number, number))
print('static const struct { const char *path; const char *begin; const char *end; } table[] = {')
for number, path in enumerate(paths):
    print('\t{"%s", asset_%d, asset_%d_end},' % (path, number, number))
print('};')
print('const size_t asset_count = sizeof table / sizeof table[0];')
print('''
struct slice asset_find(const char *path)
{
	for (size_t i = 0; i < asset_count; i++)
		if (!strcmp(table[i].path, path))
			return (struct slice){table[i].begin, (size_t)(table[i].end - table[i].begin)};
	return (struct slice){NULL, 0};
}

struct asset asset_at(size_t number)
{
	return (struct asset){table[number].path, {table[number].begin, (size_t)(table[number].end - table[number].begin)}};
}''')
