# Completion of linnet(1) for fish. What changes with a build, it asks the program itself.

function __linnet_drivers
    linnet --drivers 2>/dev/null | string replace -r ' +' \t
end

function __linnet_limits
    linnet --limits 2>/dev/null | string match -rg '^([a-z][a-z_]*) ' | string replace -r '$' =
end

complete -c linnet -f -a '(__fish_complete_directories)'
complete -c linnet -x -s l -l listen -a '8080 127.0.0.1:8080 unix:' -d 'Where to listen'
complete -c linnet -x -l listen-tls -a '8443 127.0.0.1:8443 unix:' -d 'Where to listen for HTTPS'
complete -c linnet -r -F -l tls -d 'A certificate and its key'
complete -c linnet -f -l tls-self-signed -d 'Make a certificate for this machine'
complete -c linnet -x -l tls-clients -a 'off optional: required:' -d 'Certificates of clients'
complete -c linnet -r -F -l tls-tickets -d 'The keys of session tickets'
complete -c linnet -f -l redirect-https -d 'Answer plain HTTP with the address of HTTPS'
complete -c linnet -x -l hsts -a 31536000 -d 'How long clients ask by HTTPS alone'
complete -c linnet -x -s d -l driver -a '(__linnet_drivers)' -d 'The way of waiting'
complete -c linnet -x -s c -l connections -d 'How many clients at one time'
complete -c linnet -x -s w -l workers -a 'auto 1 2 4 8' -d 'How many processes serve'
complete -c linnet -x -s m -l memory -a '16M 64M 256M 1G' -d 'What all memory must fit into'
complete -c linnet -f -l lock-memory -d 'Take all memory at start, and keep it in memory'
complete -c linnet -x -l files -a 'sendfile async' -d 'How files are sent'
complete -c linnet -x -l limit -a '(__linnet_limits)' -d 'Set a limit'
complete -c linnet -x -l lenient -a 'bare-lf missing-host raw-target' -d 'Let through'
complete -c linnet -x -l log -a 'people combined json none' -d 'The form of the log'
complete -c linnet -r -F -l log-file -d 'Append the log to a file'
complete -c linnet -f -s q -l quiet -d 'No log'
complete -c linnet -f -l budget -d 'Print memory and descriptors as sums'
complete -c linnet -f -l limits -d 'List the limits'
complete -c linnet -f -l drivers -d 'List the drivers'
complete -c linnet -f -s h -l help -d 'Print a short help'
complete -c linnet -f -s V -l version -d 'Print the version'
