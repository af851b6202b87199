// Derived from idna 3.20, Copyright (c) 2013-2026, Kim Davies and contributors; BSD-3-Clause, see LICENSE.

package core

import (
	"slices"
	"sync"

	"py/dist.pyrt/py"
	"py/dist.tables/idna/idnadata"
	"py/dist.tables/idna/uts46data"
)

// span holds the code points first ≤ c < end.
type span struct {
	first, end rune
}

// spans are in ascending order.
type spans []span

func (s spans) contain(c rune) bool {
	_, found := slices.BinarySearchFunc(s, c, func(row span, c rune) int {
		switch {
		case c < row.first:
			return 1
		case c >= row.end:
			return -1
		}
		return 0
	})
	return found
}

type joiningType struct {
	name  string
	spans spans
}

// codePoints is what the release's module idnadata has.
type codePoints struct {
	valid, contextJ, contextO spans
	scripts                   map[string]spans
	joining                   []joiningType
}

var loadCodePoints = sync.OnceValues(func() (*codePoints, error) {
	classes, err := spansByName(idnadata.CodepointClasses())
	if err != nil {
		return nil, err
	}
	scripts, err := spansByName(idnadata.Scripts())
	if err != nil {
		return nil, err
	}
	joining, err := spansByName(idnadata.JoiningTypes())
	if err != nil {
		return nil, err
	}
	data := &codePoints{scripts: map[string]spans{}}
	for name, list := range scripts.Items() {
		data.scripts[name] = list
	}
	for name, list := range joining.Items() {
		data.joining = append(data.joining, joiningType{name, list})
	}
	data.valid, _ = classes.Get("PVALID")
	data.contextJ, _ = classes.Get("CONTEXTJ")
	data.contextO, _ = classes.Get("CONTEXTO")
	return data, nil
})

// spansByName reads {"name": (first << 32 | end, …), …}.
func spansByName(table any) (*py.Dict[string, spans], error) {
	dict, ok := table.(*py.AnyDict)
	if !ok {
		return nil, py.ErrUnsupported
	}
	read := &py.Dict[string, spans]{}
	for key, value := range dict.Items() {
		name, isName := key.(string)
		codes, isTuple := value.(py.Tuple)
		if !isName || !isTuple {
			return nil, py.ErrUnsupported
		}
		list := make(spans, len(codes))
		for i, code := range codes {
			packed, isInt := code.(int64)
			if !isInt {
				return nil, py.ErrUnsupported
			}
			list[i] = span{rune(packed >> 32), rune(packed & 0xFFFFFFFF)}
		}
		read.Set(name, list)
	}
	return read, nil
}

// mapping is what the release's module uts46data has: from each start on, up to the next one, a status, and what replaces the
// code points with the status M.
type mapping struct {
	starts       []rune
	statuses     []byte
	replacements []string
}

var loadMapping = sync.OnceValues(func() (*mapping, error) {
	starts, isStarts := uts46data.Uts46Starts().([]any)
	statuses, isStatuses := uts46data.Uts46Statuses().([]byte)
	replacements, err := items(uts46data.Uts46Replacements())
	if err != nil || !isStarts || !isStatuses || len(starts) != len(statuses) || len(starts) != len(replacements) {
		return nil, py.ErrUnsupported
	}
	table := &mapping{make([]rune, len(starts)), statuses, make([]string, len(starts))}
	for i, start := range starts {
		code, isInt := start.(int64)
		if !isInt {
			return nil, py.ErrUnsupported
		}
		table.starts[i] = rune(code)
		if text, isText := replacements[i].(string); isText { // else None
			table.replacements[i] = text
		}
	}
	return table, nil
})

func items(table any) ([]any, error) {
	switch list := table.(type) {
	case []any:
		return list, nil
	case py.Tuple:
		return list, nil
	}
	return nil, py.ErrUnsupported
}

// row gives the status of a code point and its replacement.
func (m *mapping) row(c rune) (status byte, replacement string) {
	at, found := slices.BinarySearch(m.starts, c)
	if !found {
		at--
	}
	return m.statuses[at], m.replacements[at]
}
