// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package password_validation

import "py/dist.pyrt/py"

func ExceedsMaximumLengthRatio(password any, max_similarity any, value any) (any, error) {
	given, isGiven := password.(string)
	other, isOther := value.(string)
	if !isGiven || !isOther {
		return nil, py.ErrUnsupported
	}
	var similarity float64
	switch number := max_similarity.(type) {
	case float64:
		similarity = number
	case int64:
		if number > 1<<53 || number < -1<<53 {
			return nil, py.ErrUnsupported
		}
		similarity = float64(number)
	default:
		return nil, py.ErrUnsupported
	}
	length, otherLength := py.Len(given), py.Len(other)
	bound := similarity / 2 * float64(length)
	return length >= 10*otherLength && float64(otherLength) < bound, nil
}
