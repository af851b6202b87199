// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package loader_tags

import (
	"strings"

	"py/dist.pyrt/py"
)

func ConstructRelativePath(current_template_name any, relative_name any, options ...ConstructRelativePathOptions) (any, error) {
	var o ConstructRelativePathOptions
	if len(options) > 0 {
		o = options[0]
	}
	relative, isText := relative_name.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	name := py.StripChars(relative, `'"`)
	if !py.StartsWith(name, "./", "../") {
		return relative, nil
	}
	current, isText := current_template_name.(string)
	recursion := false
	if o.AllowRecursion != nil && isText {
		recursion, isText = o.AllowRecursion.(bool)
	}
	if !isText {
		return nil, py.ErrUnsupported
	}
	current = strings.TrimLeft(current, "/")
	folder := strings.TrimRight(current[:strings.LastIndexByte(current, '/')+1], "/")
	name = normalPath(folder, name)
	if strings.HasPrefix(name, "../") || !recursion && current == name {
		return nil, py.ErrUnsupported // TemplateSyntaxError
	}
	if py.StartsWith(relative, `"`, `'`) && relative[0] == relative[len(relative)-1] {
		name = `"` + name + `"`
	}
	return name, nil
}

// normalPath joins and normalizes; ".." stay at the beginning of a path that has no root.
func normalPath(folder, name string) string {
	if folder != "" {
		name = folder + "/" + name
	}
	var kept []string
	for _, part := range strings.Split(name, "/") {
		switch {
		case part == "" || part == ".":
		case part == ".." && len(kept) > 0 && kept[len(kept)-1] != "..":
			kept = kept[:len(kept)-1]
		default:
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return "."
	}
	return strings.Join(kept, "/")
}
