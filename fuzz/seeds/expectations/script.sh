# timeout: 3s
# 1. First
curl -s "$URL" | jq .a
# Expected: x
#   y

for a in b; do
  test "$a" && echo ok
done
cat <<END
# Expected: no
END
# expect: lines == 1
! grep -q x y
# expect: exit == 0
