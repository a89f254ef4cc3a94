package cli

import _ "time/tzdata" // Windows has no time zones under the names of IANA, which ldap lockouts --zone takes
