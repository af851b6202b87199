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

// class tells where a code point may stand.
type class byte

const (
	disallowed class = iota
	contextO
	contextJ
	valid
)

// direct is how many code points have a row of their own in a table: those of the basic plane.
const direct = 0x10000

// codePoints is what the release's module idnadata has.
type codePoints struct {
	classes [direct]class
	spans   [valid + 1]spans // by class
	scripts map[string]spans
	joining []joiningType
}

func (d *codePoints) class(c rune) class {
	if c >= 0 && c < direct {
		return d.classes[c]
	}
	for kind := valid; kind > disallowed; kind-- {
		if d.spans[kind].contain(c) {
			return kind
		}
	}
	return disallowed
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
	for kind, name := range []string{contextO: "CONTEXTO", contextJ: "CONTEXTJ", valid: "PVALID"} {
		list, _ := classes.Get(name)
		data.spans[kind] = list
		for _, span := range list {
			for c := max(span.first, 0); c < min(span.end, direct); c++ {
				data.classes[c] = class(kind)
			}
		}
	}
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
	direct       [direct]uint16 // the row of each
	starts       []rune
	statuses     []byte
	replacements []string
}

var loadMapping = sync.OnceValues(func() (*mapping, error) {
	starts, isStarts := uts46data.Uts46Starts().([]any)
	statuses, isStatuses := uts46data.Uts46Statuses().([]byte)
	replacements, err := items(uts46data.Uts46Replacements())
	if err != nil || !isStarts || !isStatuses || len(starts) != len(statuses) || len(starts) != len(replacements) || len(starts) > direct {
		return nil, py.ErrUnsupported
	}
	table := &mapping{starts: make([]rune, len(starts)), statuses: statuses, replacements: make([]string, len(starts))}
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
	for c, at := 0, 0; c < direct; c++ {
		for at+1 < len(table.starts) && table.starts[at+1] <= rune(c) {
			at++
		}
		table.direct[c] = uint16(at)
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
	if c >= 0 && c < direct {
		at := m.direct[c]
		return m.statuses[at], m.replacements[at]
	}
	at, found := slices.BinarySearch(m.starts, c)
	if !found {
		at--
	}
	return m.statuses[at], m.replacements[at]
}
