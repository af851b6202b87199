// The snippets of docs/go-api.md, in its order: tests/e2e/docs.bats looks for each of them here and runs this program.
package main

import (
	"errors"
	"fmt"
	"log"
	"sync"

	"go.internal/py-django/django"
	"go.internal/py-django/django/conf"
	"go.internal/py-django/django/core/exceptions"
	"go.internal/py-django/django/core/validators"
	"go.internal/py-django/django/utils/crypto"
	"go.internal/py-django/django/utils/datastructures"
	"go.internal/py-django/django/utils/functional"
	"go.internal/py-django/django/utils/html"
	"go.internal/py-django/django/utils/text"
	"go.internal/py-django/django/utils/translation"
	"go.internal/py-sqlparse/sqlparse"
	"go.internal/py-sqlparse/sqlparse/sql"
	"go.internal/pyrt"
)

func main() {
	for _, part := range []func() error{
		settings, functions, types, classes, handles, variables, failures, iteration, callbacks, goroutines, contexts, dynamic,
	} {
		if err := part(); err != nil {
			log.Fatalf("%+v", err)
		}
	}
}

func settings() error {
	settings, err := pyrt.To[*conf.LazySettings](conf.Settings_2())
	if err != nil {
		return err
	}
	if _, err = settings.Configure(conf.LazySettingsConfigureOptions{Kwargs: pyrt.Kwargs{"USE_I18N": true}}); err != nil {
		return err
	}
	_, err = django.Setup()
	return err
}

func functions() error {
	slug, err := pyrt.Str(text.Slugify("Jöé", text.SlugifyOptions{AllowUnicode: true}))
	if err != nil {
		return err
	}
	bold, err := pyrt.Str(html.FormatHtml("<b>{}</b> {name}", html.FormatHtmlOptions{
		Args:   []any{"<x>"},
		Kwargs: pyrt.Kwargs{"name": "gopher"},
	}))
	if err != nil {
		return err
	}
	fmt.Println(slug, bold)
	return nil
}

func types() error {
	parts, err := sqlparse.Split("select 1; select 2") // annotated: ([]any, error)
	if err != nil {
		return err
	}
	fmt.Println(len(parts))
	return nil
}

func classes() error {
	set, err := datastructures.NewOrderedSet(datastructures.NewOrderedSetOptions{Iterable: []any{"a", "b"}})
	if err != nil {
		return err
	}
	if _, err := set.Add("c"); err != nil { // def add(self, item)
		return err
	}
	size, err := pyrt.Int(set.Len()) // __len__
	if err != nil {
		return err
	}
	has, err := pyrt.Bool(set.Contains("b")) // __contains__
	if err != nil {
		return err
	}
	fmt.Println(size, has, set) // String is Python's str()
	return nil
}

func handles() error {
	statement, err := pyrt.To[*sql.Statement](pyrt.Item(must(sqlparse.Parse("select a from t")), 0))
	if err != nil {
		return err
	}
	kind, err := pyrt.Str(statement.GetType()) // its own method
	if err != nil {
		return err
	}
	value, err := pyrt.Str(statement.Value()) // an attribute, of the embedded sql.Token
	if err != nil {
		return err
	}
	fmt.Println(kind, value)
	return nil
}

func variables() error {
	before, err := pyrt.Str(crypto.RANDOM_STRING_CHARS())
	if err != nil {
		return err
	}
	if err := crypto.SetRANDOM_STRING_CHARS("01"); err != nil {
		return err
	}
	fmt.Println(len(before))
	return crypto.SetRANDOM_STRING_CHARS(before)
}

func failures() error {
	_, err := validators.ValidateInteger("twelve")
	var raised *pyrt.Error
	switch {
	case errors.Is(err, pyrt.KeyError): // a class that every Python has
		return err
	case errors.Is(err, exceptions.ValidationErrorClass): // this class or one derived from it
		errors.As(err, &raised)
		fmt.Println(raised.Class, raised.Message, raised.Args[0]) // raised.Traceback is what Python prints
	}
	return nil
}

func iteration() error {
	statements, err := sqlparse.Parse("select a, b")
	if err != nil {
		return err
	}
	for statement, err := range pyrt.Iter(statements, nil) {
		if err != nil {
			return err
		}
		for token, err := range pyrt.Iter(statement.(*sql.Statement).Flatten()) { // a generator: one at a time
			if err != nil {
				return err
			}
			fmt.Printf("%q ", token.(*sql.Token).String())
		}
	}
	fmt.Println()
	return nil
}

func callbacks() error {
	even := func(n int) (bool, error) { return n%2 == 0, nil }
	halves, err := pyrt.To[pyrt.Tuple](functional.Partition(even, []any{1, 2, 3, 4}))
	if err != nil {
		return err
	}
	refuse := func(args []any, kwargs pyrt.Kwargs) (any, error) { // pyrt.Callback: any arguments
		return nil, pyrt.Raise(pyrt.ValueError, "not today")
	}
	_, err = functional.Partition(refuse, []any{1})
	fmt.Println(halves, errors.Is(err, pyrt.ValueError))
	return nil
}

func goroutines() error {
	var group sync.WaitGroup
	slugs := make([]string, 8)
	for i := range slugs {
		group.Add(1)
		go func() {
			defer group.Done()
			slugs[i], _ = pyrt.Str(text.Slugify(fmt.Sprint("Number ", i)))
		}()
	}
	group.Wait()
	fmt.Println(slugs[7])
	return pyrt.OnThread(func() error { // both calls see the same threading.local
		if _, err := translation.Activate("de"); err != nil {
			return err
		}
		language, err := pyrt.Str(translation.GetLanguage())
		fmt.Println(language)
		return err
	})
}

func contexts() error {
	german, err := translation.NewOverride("de")
	if err != nil {
		return err
	}
	err = pyrt.With(german, func(any) error { // with translation.override("de"):
		word, err := pyrt.Str(translation.Gettext("Enter a valid value."))
		fmt.Println(word)
		return err
	})
	if err != nil {
		return err
	}
	asyncio, err := pyrt.Import("asyncio")
	if err != nil {
		return err
	}
	done, err := pyrt.Await(asyncio.CallMethod("sleep", 0, "slept"))
	fmt.Println(done)
	return err
}

func dynamic() error {
	json, err := pyrt.Import("json")
	if err != nil {
		return err
	}
	document, err := pyrt.Str(json.CallMethod("dumps", pyrt.NewDict("b", 1, "a", pyrt.Tuple{2, nil}), pyrt.Kwargs{"sort_keys": true}))
	fmt.Println(document)
	return err
}

func must(value any, err error) any {
	if err != nil {
		log.Fatalf("%+v", err)
	}
	return value
}
