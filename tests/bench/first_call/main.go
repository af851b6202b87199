// Prints what the import of the Go packages costs and how long the first call of sqlparse takes, in milliseconds.
package main

import (
	"fmt"
	"log"
	"time"

	"go.internal/py-sqlparse/sqlparse"
	"go.internal/pyrt"
)

func main() {
	start := time.Now()
	if _, err := pyrt.Str(sqlparse.Format("select 1", sqlparse.FormatOptions{Kwargs: pyrt.Kwargs{"reindent": true}})); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f\n", float64(time.Since(start).Microseconds())/1000)
}
