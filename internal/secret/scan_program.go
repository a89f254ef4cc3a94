package secret

import "strings"

// programs are those whose short options take a password: -p is the next word or attached to it, -b:3 the third word after it, -a% what is
// after the first : or % of the next word, -u, and -l= what is after its first , or =. <<< is the text that a shell gives to a program.
var programs = [...]struct{ program, options string }{
	{"ldapsearch", "-w"}, {"ldapmodify", "-w"}, {"ldapadd", "-w"}, {"ldapdelete", "-w"}, {"ldapwhoami", "-w"}, {"ldapcompare", "-w"},
	{"ldappasswd", "-w -s -a"}, {"ldapexop", "-w"}, {"slappasswd", "-s"}, {"ldifde", "-b:3 -a:2"}, {"csvde", "-b:3 -a:2"},
	{"ldapbind", "-w"}, {"ldapmodrdn", "-w"}, {"dsconf", "-w"}, {"dsidm", "-w"},
	{"curl", "-u --user --proxy-user -U -E% --cert% --oauth2-bearer"}, {"wget", "--user"},
	{"mysql", "-p"}, {"mysqldump", "-p"},
	{"sshpass", "-p"}, {"plink", "-pw"}, {"pscp", "-pw"}, {"psftp", "-pw"}, {"psexec", "-p /p"}, {"psexec64", "-p /p"},
	{"smbclient", "-U --user"}, {"rpcclient", "-U --user"}, {"wbinfo", "-a%"},
	{"smbget", "-U --user"}, {"winexe", "-U --user"}, {"lftp", "-u,"}, {"net", "-U --user"}, {"ldp", "-w"}, {"netdom", "/pd /po /pm"},
	{"dsquery", "-p /p"}, {"dsget", "-p /p"}, {"dsmod", "-p /p"}, {"dsadd", "-p /p"}, {"dsrm", "-p /p"}, {"dsmove", "-p /p"},
	{"schtasks", "-rp -p /p /rp"}, {"taskkill", "-p /p"}, {"tasklist", "-p /p"}, {"systeminfo", "-p /p"}, {"driverquery", "-p /p"},
	{"gpresult", "-p /p"}, {"getmac", "-p /p"}, {"winrs", "-p /p"}, {"certutil", "-p /p"}, {"wevtutil", "-p /p"},
	{"sqlcmd", "-P"}, {"osql", "-P"}, {"bcp", "-P"}, {"isql", "-P"},
	{"dbaccess", "-p"},
	{"keytool", "-storepass -keypass"}, {"openssl", "-passin -passout -pass -k"}, {"kinit", "-w <<<"}, {"sipp", "-ap"}, {"sipsak", "-a"},
	{"add-generic-password", "-w"}, {"add-internet-password", "-w"}, {"ncftpget", "-p"}, {"ncftpput", "-p"},
	{"sudo", "<<<"}, {"adcli", "<<<"}, {"realm", "<<<"},
	{"swaks", "-ap"}, {"mosquitto_pub", "-P"}, {"kubectl", "--from-literal="},
	{"snmpwalk", "-A -X -c"}, {"snmpget", "-A -X -c"}, {"snmpset", "-A -X -c"}, {"snmpbulkwalk", "-A -X -c"}, {"snmpgetnext", "-A -X -c"},
	{"snmptable", "-A -X -c"}, {"snmptrap", "-A -X -c"},
	{"zip", "-P"}, {"unzip", "-P"}, {"7z", "-p"}, {"docker", "-p"}, {"az", "-p"}, {"mongo", "-p"},
	{"redis-cli", "-a"}, {"ipmitool", "-P"}, {"useradd", "-p"}, {"usermod", "-p"},
	{"htpasswd", "-b:3 -bc:3 -cb:3 -nb:2 -bn:2"}, {"vncviewer", "-passwd"}, {"xfreerdp", "-p"}, {"rdesktop", "-p"}, {"httpie", "-a --auth%"},
	{"http", "-a --auth%"}, {"https", "-a --auth%"},
}

// shortOption returns where the value of a short option that is a password begins: end for the next word, less than end when it is
// attached. sign is what is between a name and the password in it, skip the words before it.
func (s *scanner) shortOption(start, end int) (at int, sign string, skip int) {
	if end-start < 2 {
		return 0, "", 0
	}
	line := strings.ToLower(s.text[max(s.commandStart(), start-maxTag):start])
	option := s.text[start:end]
	for _, c := range programs {
		i := strings.Index(line, c.program)
		if i < 0 || i > 0 && wordByte(line[i-1]) && line[i-1] != '.' ||
			i+len(c.program) < len(line) && strings.IndexByte(" .\t\"'", line[i+len(c.program)]) < 0 {
			continue
		}
		for o := range strings.FieldsSeq(c.options) {
			sign, skip = "", 0
			if name, number, ok := strings.Cut(o, ":"); ok {
				o, skip = name, int(number[0]-'1')
			} else if name, ok = strings.CutSuffix(o, "%"); ok {
				o, sign = name, ":%"
			} else if name, ok = strings.CutSuffix(o, ","); ok {
				o, sign = name, ","
			} else if name, ok = strings.CutSuffix(o, "="); ok {
				o, sign = name, "="
			}
			switch {
			case option == o, o[0] == '/' && strings.EqualFold(option, o):
				return end, sign, skip
			case len(o) == 2 && skip == 0 && len(option) > 4 && strings.HasPrefix(option, o) && option[1] != '-':
				return start + 2, sign, 0
			}
		}
	}
	return 0, "", 0
}

// commandStart is where the command begins that the line belongs to: the lines above may end with a sign that continues them in a shell, in
// cmd.exe or in PowerShell.
func (s *scanner) commandStart() int {
	start := s.lineStart
	for start > 0 && s.lineStart-start < maxTag {
		from := max(0, start-maxTag)
		above := strings.TrimRight(s.text[from:start-1], " \t\r")
		if above == "" || strings.IndexByte("\\^`", above[len(above)-1]) < 0 {
			break
		}
		start = from + strings.LastIndexByte(above, '\n') + 1
	}
	return start
}
