// SFTP
