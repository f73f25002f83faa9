# From ctest's LastTest.log: which tests and which blocks of lessons did not run, and for want of what.
# ctest itself says only how many.

/^[0-9]+\/[0-9]+ Test(ing)?: / { name = $0; sub(/^[^:]*: /, "", name) }
/^SKIPPED: / { print "skipped: " name ": " substr($0, 10) }
/\.md:[0-9]+: not run: / { print "skipped: " $0 }
