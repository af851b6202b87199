module py/dist.pyrt

go 1.23
