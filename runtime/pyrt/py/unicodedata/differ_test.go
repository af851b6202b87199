package unicodedata_test

import (
	"math/rand"
	"testing"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/internal/differ"
	"py/dist.pyrt/py/unicodedata"
)

type args = []any

// marked gives letters and marks that compose, reorder and block each other.
func marked(r *rand.Rand) string {
	if r.Intn(2) == 0 {
		return differ.String(r, 8)
	}
	return differ.From(r, "aAeEoOuUÅéêḍ\u0301\u0300\u0323\u0327\u0308\u0302\u0345\u0338ﬁ²가각각\u1175\u11c2ΐᾳ\u0f71\u0f72\u0f74\u09c7\u09be\u3099かガ\U000110b9\U000110ba\u2126\ufb1d", 8)
}

func cases() []differ.Case {
	return []differ.Case{
		{Name: "normalize", Python: "lambda f, s: (unicodedata.normalize(f, s), unicodedata.is_normalized(f, s))", Go: func(a args) (any, error) {
			text, err := unicodedata.Normalize(a[0].(string), a[1].(string))
			if err != nil {
				return nil, err
			}
			is, err := unicodedata.IsNormalized(a[0].(string), a[1].(string))
			return py.Tuple{text, is}, err
		}, Args: func(r *rand.Rand) []any {
			return args{[]string{"NFC", "NFD", "NFKC", "NFKD", "NFKC", "NFC", "nfc"}[r.Intn(7)], marked(r)}
		}},
		{Name: "properties", Python: "lambda c: (unicodedata.category(c), unicodedata.combining(c), unicodedata.bidirectional(c), unicodedata.decimal(c, -1))",
			Go: func(a args) (any, error) {
				c := []rune(a[0].(string))[0]
				return py.Tuple{unicodedata.Category(c), unicodedata.Combining(c), unicodedata.Bidirectional(c), unicodedata.Decimal(c)}, nil
			}, Args: func(r *rand.Rand) []any { return args{string(differ.Rune(r))} }},
	}
}

func TestDifferUnicode(t *testing.T) { differ.Run(t, cases()) }

func BenchmarkNormalizeUnchanged(b *testing.B) {
	for i := 0; i < b.N; i++ {
		unicodedata.Normalize("NFC", "Jörg sah die Straße und aß Köttbullar")
	}
}
