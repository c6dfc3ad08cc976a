# Completion of linnet(1) for bash. What changes with a build, it asks the program itself.

_linnet()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local program=${COMP_WORDS[0]} words=""
    # Bash parts "--log=json" into three words.
    if [ "$current" = "=" ]; then
        current=""
    elif [ "$previous" = "=" ] && [ "$COMP_CWORD" -ge 2 ]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case $previous in
    -l | --listen)
        words="8080 127.0.0.1:8080 [::1]:8080 unix:"
        ;;
    --listen-tls)
        words="8443 127.0.0.1:8443 [::1]:8443 unix:"
        ;;
    --tls | --tls-tickets)
        compopt -o filenames -o nospace
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    -d | --driver)
        words=$("$program" --drivers 2>/dev/null | sed 's/ .*//')
        ;;
    --limit)
        words=$("$program" --limits 2>/dev/null | sed -n 's/^\([a-z][a-z_]*\) .*/\1=/p')
        compopt -o nospace
        ;;
    --lenient)
        words="bare-lf missing-host raw-target"
        ;;
    --log)
        words="people combined json none"
        ;;
    --tls-clients)
        words="off optional: required:"
        compopt -o nospace
        ;;
    --hsts)
        words="31536000"
        ;;
    --files)
        words="sendfile async"
        ;;
    --log-file)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    -m | --memory)
        words="16M 64M 256M 1G"
        ;;
    -w | --workers)
        words="auto 1 2 4 8"
        ;;
    -c | --connections)
        words="64 1024 16384"
        ;;
    *)
        if [ "${current#-}" = "$current" ]; then
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            return
        fi
        words="--listen --listen-tls --tls --tls-self-signed --tls-clients --tls-tickets --redirect-https --hsts
            --driver --connections --workers --memory --lock-memory --files
            --limit --lenient --log --log-file --quiet --budget --limits --drivers --help --version"
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _linnet linnet
