// Derived from urllib3 2.8.0, Copyright (c) 2008-2020 Andrey Petrov and contributors; MIT, see LICENSE.

package fields

import (
	"strings"

	"py/dist.pyrt/py"
)

var quoting = strings.NewReplacer("\n", "%0A", "\r", "%0D", `"`, "%22")

func FormatMultipartHeaderParam(name string, value any) (string, error) {
	text := ""
	switch given := value.(type) {
	case string:
		text = given
	case []byte:
		decoded, err := py.Decode(given, "utf-8", "strict")
		if err != nil {
			return "", err
		}
		text = decoded
	default:
		return "", py.ErrUnsupported
	}
	return name + `="` + quoting.Replace(text) + `"`, nil
}
