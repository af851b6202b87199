// A TLS server that speaks HTTP/2, for tests/unit/core/test_http.c: Python's standard library has none.
// Usage: http2_server AUTHORITY.pem [redirect target]. Prints its port, ends when its standard input does.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

func certificate(path string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, DNSNames: []string{"localhost"},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func main() {
	var lock sync.Mutex
	connections, now, most := 0, 0, 0
	http.HandleFunc("/proto", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) })
	http.HandleFunc("/slow/", func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		now++
		most = max(most, now)
		for i := 0; most < 50 && i < 1000; i++ { // the first 50 wait for each other, so that a slow machine sees them together too
			lock.Unlock()
			time.Sleep(10 * time.Millisecond)
			lock.Lock()
		}
		lock.Unlock()
		time.Sleep(100 * time.Millisecond)
		lock.Lock()
		now--
		lock.Unlock()
		fmt.Fprint(w, "x")
	})
	http.HandleFunc("/counts", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%d %d", connections, most) })
	http.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			fmt.Fprintf(w, "%s: %s\n", name, values[0])
		}
	})
	http.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(302)
	})
	http.HandleFunc("/abort", func(w http.ResponseWriter, r *http.Request) { // RST_STREAM after half a body
		w.Header().Set("Content-Length", "100000")
		w.Write(make([]byte, 50000))
		panic(http.ErrAbortHandler)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate(os.Args[1])}},
		ErrorLog:  log.New(io.Discard, "", 0),
		ConnState: func(c net.Conn, s http.ConnState) {
			if s == http.StateNew {
				lock.Lock()
				connections++
				lock.Unlock()
			}
		},
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(server.ServeTLS(listener, "", ""))
}
