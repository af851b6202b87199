// Django and sqlparse from Go: no Python in this program, and no Python package installed. The Go modules carry the
// Python sources and call the CPython that they find (GOPHERSNAKE_PYTHON, else python3 on PATH).
//
//	gophersnake convert django       # prints the lines to paste: GOPROXY, GONOSUMDB, GOFLAGS
//	go mod init x && go get go.internal/py-django@latest && go run .
package main

import (
	"errors"
	"fmt"
	"log"

	"go.internal/py-django/django"
	"go.internal/py-django/django/conf"
	"go.internal/py-django/django/core/exceptions"
	"go.internal/py-django/django/template"
	templateerrors "go.internal/py-django/django/template/exceptions"
	"go.internal/py-django/django/utils/text"
	"go.internal/py-sqlparse/sqlparse"
	"go.internal/pyrt"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	// Keyword options of a function that takes **options.
	query, err := pyrt.Str(sqlparse.Format("select a, b from t where x = 1", sqlparse.FormatOptions{
		Kwargs: pyrt.Kwargs{"reindent": true, "keyword_case": "upper"},
	}))
	if err != nil {
		return err
	}
	fmt.Println(query)

	// Optional parameters are fields of an options struct.
	slug, err := pyrt.Str(text.Slugify("Jöé: A Slug", text.SlugifyOptions{AllowUnicode: true}))
	if err != nil {
		return err
	}
	fmt.Println(slug)

	// settings.configure(), django.setup(), then a template.
	settings, err := pyrt.To[*conf.LazySettings](conf.Settings_2())
	if err != nil {
		return err
	}
	if _, err := settings.Configure(conf.LazySettingsConfigureOptions{Kwargs: pyrt.Kwargs{
		"TEMPLATES": []any{pyrt.NewDict("BACKEND", "django.template.backends.django.DjangoTemplates")},
	}}); err != nil {
		return err
	}
	if _, err := django.Setup(); err != nil {
		return err
	}
	page, err := template.NewTemplate("Hello, {{ name|upper }}!")
	if err != nil {
		return err
	}
	context, err := template.NewContext(template.NewContextOptions{Dict: pyrt.NewDict("name", "gopher")})
	if err != nil {
		return err
	}
	hello, err := pyrt.Str(page.Render(context))
	if err != nil {
		return err
	}
	fmt.Println(hello)

	// A Python exception is a Go error with class, arguments and traceback.
	_, err = template.NewTemplate("{% nonsense %}")
	var raised *pyrt.Error
	if !errors.As(err, &raised) {
		return fmt.Errorf("expected a Python exception, got %v", err)
	}
	fmt.Println(raised)
	fmt.Println(raised.Traceback)
	fmt.Println("a TemplateSyntaxError:", errors.Is(err, templateerrors.TemplateSyntaxErrorClass))
	fmt.Println("a ValidationError:", errors.Is(err, exceptions.ValidationErrorClass))
	return nil
}
