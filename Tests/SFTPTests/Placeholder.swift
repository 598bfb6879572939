// SFTPTests
