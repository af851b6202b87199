package pyrt

import "testing"

func TestPythonFits(t *testing.T) {
	for _, row := range []struct {
		requires string
		version  [3]int
		want     bool
	}{
		{"", [3]int{3, 8, 0}, true}, {">=3.8", [3]int{3, 8, 0}, true}, {">=3.8", [3]int{3, 7, 16}, false},
		{">=3.8.1", [3]int{3, 8, 0}, false}, {">= 3.6 , < 4", [3]int{3, 13, 0}, true}, {"<4.0", [3]int{3, 13, 0}, true},
		{"<3.13", [3]int{3, 13, 0}, false}, {"<3.13", [3]int{3, 12, 9}, true}, {">=3.6,!=3.9.*", [3]int{3, 9, 1}, false},
		{"!=3.9.0", [3]int{3, 9, 1}, true}, {"!=3.9.1", [3]int{3, 9, 1}, false}, {"==3.11.*", [3]int{3, 11, 7}, true},
		{"==3.11", [3]int{3, 11, 0}, true}, {"==3.11", [3]int{3, 11, 7}, false}, {"===3.11.7", [3]int{3, 11, 7}, true},
		{"~=3.8", [3]int{3, 13, 0}, true}, {"~=3.8", [3]int{4, 0, 0}, false}, {"~=3.8.2", [3]int{3, 8, 9}, true},
		{"~=3.8.2", [3]int{3, 9, 0}, false}, {">3.8", [3]int{3, 8, 0}, false}, {">3.8", [3]int{3, 8, 1}, true},
		{"<=3.11", [3]int{3, 11, 0}, true}, {"<=3.11", [3]int{3, 11, 1}, false}, {">=3.12.0rc1", [3]int{3, 12, 0}, true},
		{"<3.12.0rc1", [3]int{3, 12, 0}, false}, {"<=3.12.0a1", [3]int{3, 12, 0}, false}, {">=3.6.*", [3]int{3, 6, 1}, true},
		{"nonsense", [3]int{3, 8, 0}, true}, {">=2.7,!=3.0.*,!=3.1.*", [3]int{3, 1, 5}, false}, {">=3,<3.10", [3]int{3, 9, 9}, true},
		{">=3.10", [3]int{3, 9, 18}, false}, {"==3.*", [3]int{3, 10, 0}, true},
	} {
		if got := pythonFits(row.requires, row.version); got != row.want {
			t.Errorf("%q on %v: %v", row.requires, row.version, got)
		}
	}
}

func TestTagFits(t *testing.T) {
	glibc := &probe{Version: "3.11.7", Suffix: ".cpython-311-x86_64-linux-gnu.so"}
	musl := &probe{Version: "3.11.7", Suffix: ".cpython-311-x86_64-linux-musl.so"}
	for _, row := range []struct {
		tag         string
		glibc, musl bool
	}{
		{"cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", true, false}, {"cp310-cp310-manylinux_2_17_x86_64", false, false},
		{"cp312-cp312-manylinux_2_17_x86_64", false, false}, {"cp38-abi3-manylinux_2_17_x86_64", true, false},
		{"cp312-abi3-manylinux_2_17_x86_64", false, false}, {"cp311-cp311-musllinux_1_2_x86_64", false, true},
		{"cp311-cp311-manylinux_2_17_aarch64", false, false}, {"cp311-cp311-win_amd64", false, false},
		{"cp311-cp311-macosx_11_0_arm64", false, false}, {"py3-none-any", true, true}, {"py2.py3-none-any", true, true},
		{"py3-none-manylinux2014_x86_64", true, false}, {"cp311-cp311-linux_x86_64", true, true}, {"cp311-none-any", true, true},
		{"cp310-none-any", false, false}, {"py2-none-any", false, false}, {"py312-none-any", false, false}, {"pp39-pypy39_pp73-manylinux2014_x86_64", false, false},
		{"cp311-cp311t-manylinux_2_17_x86_64", false, false}, {"cp37.cp38-abi3-manylinux1_x86_64.manylinux2010_x86_64", true, false},
	} {
		if got := tagFits(row.tag, glibc); got != row.glibc {
			t.Errorf("%s on glibc: %v", row.tag, got)
		}
		if got := tagFits(row.tag, musl); got != row.musl {
			t.Errorf("%s on musl: %v", row.tag, got)
		}
	}
}
