package re

import "sync"

// cached holds patterns that were compiled at run time, as Python's re does; when it is full it starts anew.
var cached struct {
	sync.RWMutex
	patterns map[cacheKey]*Pattern
}

type cacheKey struct {
	pattern string
	flags   Flag
}

const cacheSize = 512

// Cached is Compile for patterns that are put together at run time: what was compiled lately is not compiled again.
//
//	re.search(rf"\b{re.escape(word)}\b", s)      p, err := re.Cached(`\b`+re.Escape(word)+`\b`, 0)
func Cached(pattern string, flags Flag) (*Pattern, error) {
	key := cacheKey{pattern, flags}
	cached.RLock()
	p := cached.patterns[key]
	cached.RUnlock()
	if p != nil {
		return p, nil
	}
	p, err := Compile(pattern, flags)
	if err != nil {
		return nil, err
	}
	cached.Lock()
	if cached.patterns == nil || len(cached.patterns) >= cacheSize {
		cached.patterns = map[cacheKey]*Pattern{}
	}
	cached.patterns[key] = p
	cached.Unlock()
	return p, nil
}
