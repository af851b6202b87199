// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package trans_null

import "py/dist.pyrt/py"

func Gettext(message any) (any, error) {
	return message, nil
}

func Ngettext(singular any, plural any, number any) (any, error) {
	if py.Equal(number, int64(1)) {
		return singular, nil
	}
	return plural, nil
}

func Pgettext(context any, message any) (any, error) {
	return message, nil
}

func Npgettext(context any, singular any, plural any, number any) (any, error) {
	return Ngettext(singular, plural, number)
}

func Activate(x any) (any, error) {
	return nil, nil
}

func CheckForLanguage(x any) (any, error) {
	return true, nil
}

func GetLanguageFromPath(request any) (any, error) {
	return nil, nil
}
