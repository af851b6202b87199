package py

import (
	"bytes"
	"math"
	"math/big"
	"strings"
)

// Truth is bool(value).
func Truth(value any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case int:
		return v != 0
	case *big.Int:
		return v.Sign() != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case []byte:
		return len(v) > 0
	case Tuple:
		return len(v) > 0
	case []any:
		return len(v) > 0
	case []string:
		return len(v) > 0
	case *AnyDict:
		return v.Len() > 0
	case *AnySet:
		return v.Len() > 0
	case *AnyFrozenSet:
		return v.Len() > 0
	case TimeDelta:
		return v != TimeDelta{}
	case Decimal:
		return !v.IsZero()
	}
	return true
}

// compareNumbers compares bools, ints and floats exactly. ordered is false for a NaN, ok if one is no number.
func compareNumbers(a, b any) (order int, ordered, ok bool) {
	x, xInt := intOf(a)
	y, yInt := intOf(b)
	if xInt && yInt {
		return x.Cmp(y), true, true
	}
	f, xFloat := a.(float64)
	g, yFloat := b.(float64)
	if order, ordered, ok := compareDecimals(a, b); ok {
		return order, ordered, true
	}
	if !(xInt || xFloat) || !(yInt || yFloat) {
		return 0, false, false
	}
	if xFloat && math.IsNaN(f) || yFloat && math.IsNaN(g) {
		return 0, false, true
	}
	number := func(whole *big.Int, isInt bool, f float64) *big.Float {
		if isInt {
			return new(big.Float).SetInt(whole)
		}
		return big.NewFloat(f)
	}
	return number(x, xInt, f).Cmp(number(y, yInt, g)), true, true
}

// Equal is a == b: numbers by value whatever their type, sequences and dicts by their items. Values of unlike types are unequal.
func Equal(a, b any) bool {
	if order, ordered, ok := compareNumbers(a, b); ok {
		return ordered && order == 0
	}
	switch x := a.(type) {
	case nil:
		return b == nil
	case string:
		y, ok := b.(string)
		return ok && x == y
	case []byte:
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	case Tuple:
		y, ok := b.(Tuple)
		return ok && equalItems(x, y)
	case []any:
		y, ok := b.([]any)
		return ok && equalItems(x, y)
	case *AnyDict:
		y, ok := b.(*AnyDict)
		if !ok || x.Len() != y.Len() {
			return false
		}
		for key, value := range x.Items() {
			other, found, err := y.Get(key)
			if err != nil || !found || !Equal(value, other) {
				return false
			}
		}
		return true
	case *AnySet, *AnyFrozenSet:
		left, _ := setOf(x)
		right, ok := setOf(b)
		return ok && left != nil && left.Len() == right.Len() && compareSets(left, right, "<=")
	case Time, DateTime:
		left, _ := momentOf(x)
		right, ok := momentOf(b)
		return ok && left == right
	}
	if _, err := hashKey(b); err != nil {
		return false
	}
	switch b.(type) {
	case []byte, Tuple: // not comparable in Go, and a is none of them
		return false
	}
	return a == b
}

func equalItems(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// Less is a < b, with its TypeError for types that have no order among them. Tuples and lists compare item by item.
func Less(a, b any) (bool, error) { return compareValues(a, b, "<") }

// Compare is a OP b for one of the operators < <= > >=, with its TypeError.
func Compare(a any, operator string, b any) (bool, error) { return compareValues(a, b, operator) }

func holds(order int, operator string) bool {
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func compareValues(a, b any, operator string) (bool, error) {
	if order, ordered, ok := compareNumbers(a, b); ok {
		if _, _, decimals := compareDecimals(a, b); decimals && !ordered {
			return false, ErrUnsupported // an exception of package decimal
		}
		return ordered && holds(order, operator), nil
	}
	if result, ok, err := compareTimes(a, b, operator); ok {
		return result, err
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return holds(strings.Compare(x, y), operator), nil
		}
	case []byte:
		if y, ok := b.([]byte); ok {
			return holds(bytes.Compare(x, y), operator), nil
		}
	case Tuple:
		if y, ok := b.(Tuple); ok {
			return compareItems(x, y, operator)
		}
	case []any:
		if y, ok := b.([]any); ok {
			return compareItems(x, y, operator)
		}
	case *AnySet, *AnyFrozenSet:
		left, is := setOf(x)
		if right, ok := setOf(b); is && ok {
			return compareSets(left, right, operator), nil
		}
	}
	return false, TypeError("'%s' not supported between instances of '%s' and '%s'", operator, typeName(a), typeName(b))
}

func compareItems(a, b []any, operator string) (bool, error) {
	for i := 0; i < len(a) && i < len(b); i++ {
		if !Equal(a[i], b[i]) {
			return compareValues(a[i], b[i], operator)
		}
	}
	return holds(len(a)-len(b), operator), nil
}

func compareSets(a, b *AnySet, operator string) bool {
	if operator[0] == '>' {
		a, b = b, a
	}
	for _, value := range a.Values() {
		if found, err := b.Has(value); err != nil || !found {
			return false
		}
	}
	return len(operator) == 2 || a.Len() < b.Len()
}
