module gophersnake/tool

go 1.23
