// Wagtail's tree from Go: Beautiful Soup with its cycle of imports, and Pillow with its native extension.
//
//	gophersnake convert wagtail      # prints the lines to paste: GOPROXY, GONOSUMDB, GOFLAGS
//	go mod init x && go get go.internal/py-wagtail@latest && go run .
package main

import (
	"fmt"
	"log"

	"go.internal/py-anyascii/anyascii"
	"go.internal/py-beautifulsoup4/bs4"
	"go.internal/py-pillow/PIL/Image"
	"go.internal/pyrt"
)

func main() {
	if err := run(); err != nil {
		log.Fatalf("%+v", err)
	}
}

func run() error {
	soup, err := bs4.NewBeautifulSoup(bs4.NewBeautifulSoupOptions{Markup: "<p>a <b>bold</b> word</p>", Features: "html.parser"})
	if err != nil {
		return err
	}
	for tag, err := range pyrt.Iter(soup.Select("p > b")) {
		if err != nil {
			return err
		}
		fmt.Println(tag)
	}
	name, err := pyrt.Str(anyascii.Anyascii("Größe"))
	if err != nil {
		return err
	}
	fmt.Println(name)
	picture, err := image.New("RGB", pyrt.Tuple{4, 3})
	if err != nil {
		return err
	}
	fmt.Println(picture)
	return nil
}
