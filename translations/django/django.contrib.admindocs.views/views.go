// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package views

import (
	"strings"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

func SimplifyRegex(pattern any) (any, error) {
	text, isText := pattern.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	text = withoutMetacharacters(withoutUnnamed(withoutNamed(withoutNonCapturing(text))))
	if !strings.HasPrefix(text, "/") {
		text = "/" + text
	}
	return text, nil
}

func withoutNonCapturing(text string) string {
	result, last := "", 0
	for _, row := range findGroups(text, nonCapturing()) {
		result += text[min(last, row.start):row.start]
		last = row.end
	}
	return result + text[last:]
}

func withoutNamed(text string) string {
	result := text
	for _, row := range findGroups(text, named()) {
		result = strings.ReplaceAll(result, text[row.start:row.end], row.name)
	}
	return result
}

// withoutUnnamed sets <var> for groups. As Django does, it repeats what stands before the second one and those after it.
func withoutUnnamed(text string) string {
	result, last := "", 0
	for _, row := range findGroups(text, unnamed()) {
		if last > 0 {
			result += text[min(last, row.start):row.start]
		}
		result += text[:row.start] + "<var>"
		last = row.end
	}
	return result + text[last:]
}

func withoutMetacharacters(text string) string {
	return metacharacters().SubFunc(func(m *re.Match) string {
		if m.Group(2) != "" {
			return m.Group(1) + m.Group(3)
		}
		return m.Group(1)
	}, text, 0)
}
