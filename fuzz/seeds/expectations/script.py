import sys
"""
# Expected: no
"""
print(1)
# Expected: 1
# expect: value == 1
