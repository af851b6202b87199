// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package termcolors

import (
	"slices"
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
	"py/dist.tables/django/utils/termcolors"
)

var (
	colors  = []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}
	effects = map[string]string{"bold": "1", "underscore": "4", "blink": "5", "reverse": "7", "conceal": "8"}
)

const reset = "\x1b[0m"

// colorCode is that of a colour; base is "3" for the text and "4" for what is behind it.
func colorCode(color any, base string) (string, error) {
	name, isText := color.(string)
	if !isText {
		return "", py.ErrUnsupported
	}
	number := slices.Index(colors, name)
	if number < 0 {
		return "", py.KeyError(name)
	}
	return base + string(rune('0'+number)), nil
}

func Colorize(options ...ColorizeOptions) (any, error) {
	var o ColorizeOptions
	if len(options) > 0 {
		o = options[0]
	}
	text := ""
	switch value := o.Text.(type) {
	case nil, pyrt.NoneType:
	case string:
		text = value
	default:
		return nil, py.ErrUnsupported
	}
	var names []any
	switch value := o.Opts.(type) {
	case nil:
	case py.Tuple:
		names = value
	case []any:
		names = value
	default:
		return nil, py.ErrUnsupported
	}
	if text == "" && o.Text != pyrt.None && len(names) == 1 && names[0] == "reset" {
		return reset, nil
	}
	foreground, hasForeground := o.Kwargs["fg"]
	background, hasBackground := o.Kwargs["bg"]
	if hasForeground && hasBackground { // their order counts, which Go does not know
		return nil, py.ErrUnsupported
	}
	codes := []string{}
	if hasForeground {
		code, err := colorCode(foreground, "3")
		if err != nil {
			return nil, err
		}
		codes = append(codes, code)
	}
	if hasBackground {
		code, err := colorCode(background, "4")
		if err != nil {
			return nil, err
		}
		codes = append(codes, code)
	}
	end := reset
	for _, item := range names {
		name, isText := item.(string)
		if !isText {
			return nil, py.ErrUnsupported
		}
		if code, known := effects[name]; known {
			codes = append(codes, code)
		}
		if name == "noreset" {
			end = ""
		}
	}
	return "\x1b[" + strings.Join(codes, ";") + "m" + text + end, nil
}

func ParseColorSetting(config_string any) (any, error) {
	palettes, isDict := termcolors.PALETTES().(*py.AnyDict)
	if !isDict {
		return nil, py.ErrUnsupported
	}
	palette := func(name string) (*py.AnyDict, error) {
		value, found, err := palettes.Get(name)
		entries, isDict := value.(*py.AnyDict)
		if err == nil && found && !isDict {
			err = py.ErrUnsupported
		}
		return entries, err
	}
	if config_string == nil || config_string == "" {
		result, err := palette("dark")
		return result, err
	}
	text, isText := config_string.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	none, err := palette("nocolor")
	if err != nil {
		return nil, err
	}
	result := none.Copy()
	for _, part := range strings.Split(py.Lower(text), ";") {
		named, err := palette(part)
		if err != nil {
			return nil, err
		}
		if named != nil {
			result.Update(named)
			continue
		}
		if !strings.Contains(part, "=") {
			continue
		}
		pieces := strings.Split(part, "=")
		if len(pieces) != 2 {
			return nil, py.ValueError("too many values to unpack (expected 2)")
		}
		role := py.Upper(pieces[0])
		style, err := parseStyle(pieces[1])
		if err != nil {
			return nil, err
		}
		if _, known, err := none.Get(role); err != nil {
			return nil, err
		} else if known && style.Len() > 0 {
			if err := result.Set(role, style); err != nil {
				return nil, err
			}
		}
	}
	if py.Equal(result, none) {
		return nil, nil
	}
	return result, nil
}

// parseStyle reads fg/bg,option,option.
func parseStyle(instructions string) (*py.AnyDict, error) {
	style := &py.AnyDict{}
	styles := strings.Split(instructions, ",")
	behind := strings.Split(styles[0], "/")
	if slices.Contains(colors, behind[0]) {
		if err := style.Set("fg", behind[0]); err != nil {
			return nil, err
		}
	}
	if len(behind) > 1 && slices.Contains(colors, behind[1]) {
		if err := style.Set("bg", behind[1]); err != nil {
			return nil, err
		}
	}
	opts := py.Tuple{}
	for _, name := range py.Reversed(styles[1:]) {
		if _, known := effects[name]; known {
			opts = append(opts, name)
		}
	}
	if len(opts) > 0 {
		if err := style.Set("opts", opts); err != nil {
			return nil, err
		}
	}
	return style, nil
}
