#!/bin/bash
# Plays the command line of an appliance on the terminal that it is started on. {{.Dir}}/data/COMMAND.txt is what a command prints, with its blanks and
# slashes as _; COMMAND.ask makes it ask first; COMMAND.endless makes it run until Ctrl-C. Every line that is typed is appended to {{.Dir}}/commands.log.
dir={{.Dir}}
rows={{.Rows}}
[ "$rows" != 0 ] || rows=$(stty size | cut -d' ' -f1)
phrase='Press <enter> for 1 line, <space> for one page, or <q> to quit'
# A handler and not an ignored signal: the commands, which run in subshells, end at Ctrl-C, and this loop continues.
trap 'hit=1' INT
trap '' TSTP QUIT

pager() { # prints a file; the phrase is followed by the next line, as on the appliance
	local n=0 line key old
	old=$(stty -g)
	while IFS= read -r line <&3 || [ -n "$line" ]; do
		if [ $n -ge $((rows - 1)) ]; then
			stty -icanon -echo min 1 time 0
			printf '\033[1m%s\033[0m' "$phrase"
			IFS= read -r -N1 key || exit
			stty "$old"
			printf 'key <%s>\n' "$key" >>"$dir/commands.log"
			case $key in
			q | Q) echo; break ;;
			' ') n=0 ;;
			*) n=$((rows - 2)) ;;
			esac
			printf '\r\033[K'
		fi
		printf '%s\n' "$line"
		n=$((n + 1))
	done 3<"$1"
}

run() {
	trap - INT
	if [ -e "$1.ask" ]; then
		cat "$1.ask"
		IFS= read -r answer
		printf 'answer %s\n' "$answer" >>"$dir/commands.log"
	fi
	[ ! -e "$1.endless" ] || { echo ...; sleep 3600; }
	if [ -e "$1.txt" ]; then pager "$1.txt"; else printf 'Executed command unsuccessfully\nNo valid command entered\n'; fi
}

printf 'Command Line Interface is starting up, please wait ...\n\n'
printf '   Welcome to the Platform Command Line Interface\n\nVMware Installation:\n\t2 vCPU: Intel(R) Xeon(R)\n\tDisk 1: 110GB, Partitions aligned\n\n'
while printf 'admin:' && IFS= read -r line; do
	printf '%s\n' "$line" >>"$dir/commands.log"
	case $line in
	'') continue ;;
	exit | quit) break ;;
	esac
	hit=
	(run "$dir/data/${line//[ \/]/_}")
	[ -z "$hit" ] || printf '\nControl-C pressed\n'
done
