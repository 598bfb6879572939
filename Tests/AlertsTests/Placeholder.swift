// AlertsTests
