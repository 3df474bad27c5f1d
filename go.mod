module github.com/weirlog/weir

go 1.25.0

ignore ./ui/node_modules
