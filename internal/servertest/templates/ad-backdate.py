# Makes the password of an account older: ad-backdate.py PRIVATE_DIR DN DAYS. Over LDAP pwdLastSet takes 0 and -1 only, so
# this edits the partition's file below the directory's own modules.
import sys

import ldb

private, dn, days = sys.argv[1], sys.argv[2], int(sys.argv[3])
db = ldb.Ldb("tdb://" + private + "/sam.ldb.d/DC=AD,DC=EXAMPLE,DC=COM.ldb")
found = db.search(base=dn, scope=ldb.SCOPE_BASE, attrs=["pwdLastSet"])[0]
older = str(int(found["pwdLastSet"][0]) - days * 24 * 3600 * 10**7)
change = ldb.Message(found.dn)
change["pwdLastSet"] = ldb.MessageElement(older, ldb.FLAG_MOD_REPLACE, "pwdLastSet")
db.modify(change)
