package cli

import _ "time/tzdata" // Windows does not have the time zone names of IANA, which ldap lockouts --zone accepts
