// The functions are in the library; a target of C needs a file all the same.
